import Base

/// Collects what a pickle describes while the machine runs.
///
/// Where Python would call something, `call`, `make` and `build` keep a record of the call. A few calls are understood
/// as values instead (see `PickleCallables`).
struct PickleBuilder {
  typealias Node = PickleGraph.Node
  typealias Content = PickleGraph.Content

  /// Why an opcode is refused. The reader adds the place in the file.
  struct Refusal: Error { let reason: String }

  /// The offset of the opcode that is being read.
  var place = 0
  var contents: [Content] = []
  private(set) var globals: [PickleGraph.Global] = []
  private var calls: [Int] = []
  private var callsResults = false
  var records: [PickleGraph.Record] = []
  var tensors: [TensorReference] = []
  var storages: [PickleGraph.StorageReference] = []
  /// Whether bytes that hold a whole torch file are read as one.
  var allowsEmbedded = true
  /// Bytes of memory that values may still take. A value or a call takes a byte or two of the file and much more in
  /// memory, so the sum is limited before it is used. The reader adds to it by the size of the file.
  var budget = 64 << 20
  private var globalNodes: [PickleGraph.Global: Node] = [:]

  func graph(root: Node) -> PickleGraph {
    PickleGraph(
      contents: contents, globals: globals, calls: calls, callsResults: callsResults, records: records,
      tensors: tensors, storages: storages, root: root)
  }

  mutating func add(_ content: Content) throws -> Node {
    guard contents.count < PickleReader.nodeLimit else {
      throw Refusal(reason: "more than \(PickleReader.nodeLimit) values")
    }
    try spend(Cost.of(content))
    contents.append(content)
    return Node(contents.count - 1)
  }

  mutating func spend(_ bytes: Int) throws {
    budget -= bytes
    guard budget >= 0 else {
      throw Refusal(reason: "its values would take far more memory than the file's size allows")
    }
  }

  mutating func global(_ module: String, _ name: String) throws -> Node {
    let global = PickleGraph.Global(module: module, name: name)
    if let node = globalNodes[global] { return node }
    try spend(Cost.global)
    globals.append(global)
    calls.append(0)
    let node = try add(.global(Int32(globals.count - 1)))
    globalNodes[global] = node
    return node
  }

  /// The value of a persistent id: a storage where torch wrote the id, else a record.
  mutating func persistent(_ id: Node) throws -> Node {
    if var storage = try storageReference(id) {
      storage.place = place
      try spend(Cost.storage)
      storages.append(storage)
      return try add(.storage(Int32(storages.count - 1)))
    }
    return try object(try global("pickle", "persistent_load"), try add(.tuple([id])))
  }

  mutating func append(_ items: [Node], to node: Node) throws {
    try spend(Cost.items(items))
    switch contents[Int(node)] {
    case .list(var list):
      // Taken out while it grows, so that the list is not copied for each item.
      contents[Int(node)] = .null
      list += items
      contents[Int(node)] = .list(list)
    case .object(let index): records[Int(index)].items += items
    default: throw Refusal(reason: "APPEND needs a list")
    }
  }

  mutating func insert(_ items: [Node], into node: Node) throws {
    try spend(Cost.items(items))
    switch contents[Int(node)] {
    case .set(var members):
      contents[Int(node)] = .null
      members += items
      contents[Int(node)] = .set(members)
    case .object(let index): records[Int(index)].items += items
    default: throw Refusal(reason: "ADDITEMS needs a set")
    }
  }

  mutating func set(_ items: [Node], in node: Node) throws {
    try spend(Cost.items(items))
    switch contents[Int(node)] {
    case .dict(var entries):
      contents[Int(node)] = .null
      entries += items
      contents[Int(node)] = .dict(entries)
    case .object(let index):
      records[Int(index)].items += items
      records[Int(index)].isMapping = true
    default: throw Refusal(reason: "SETITEM needs a dict")
    }
  }

  mutating func object(_ callable: Node, _ arguments: Node) throws -> Node {
    try spend(Cost.record)
    records.append(PickleGraph.Record(callable: callable, arguments: arguments))
    return try add(.object(Int32(records.count - 1)))
  }

  /// REDUCE.
  mutating func call(_ callable: Node, _ arguments: Node) throws -> Node {
    guard case .tuple(let items) = contents[Int(arguments)] else {
      throw Refusal(reason: "REDUCE needs its arguments as a tuple")
    }
    switch contents[Int(callable)] {
    case .global(let index):
      calls[Int(index)] += 1
      return try understood(globals[Int(index)], items) ?? object(callable, arguments)
    case .object(let index):
      if !makesInstance(records[Int(index)]) { callsResults = true }
      return try object(callable, arguments)
    default: throw Refusal(reason: "REDUCE needs a class or function")
    }
  }

  /// Whether a record is `partial(getattr(Class, "__new__"), …)`: so protocols 0 to 3 write instances of classes whose
  /// `__new__` takes keywords.
  private func makesInstance(_ record: PickleGraph.Record) -> Bool {
    func isCall(_ record: PickleGraph.Record, of names: Set<String>) -> Bool {
      guard case .global(let index) = contents[Int(record.callable)] else { return false }
      return names.contains(globals[Int(index)].text)
    }
    guard isCall(record, of: ["functools.partial", "_functools.partial"]),
      case .tuple(let arguments) = contents[Int(record.arguments)], let first = arguments.first
    else { return false }
    var made = [first]
    // Its state names the function again.
    if let state = record.state {
      guard case .tuple(let parts) = contents[Int(state)], let again = parts.first else { return false }
      made.append(again)
    }
    return made.allSatisfy { node in
      guard case .object(let index) = contents[Int(node)], isCall(records[Int(index)], of: Self.getattrNames),
        case .tuple(let parts) = contents[Int(records[Int(index)].arguments)], parts.count == 2,
        case .global = contents[Int(parts[0])], case .string("__new__") = contents[Int(parts[1])]
      else { return false }
      return true
    }
  }

  private static let getattrNames: Set<String> = ["builtins.getattr", "__builtin__.getattr"]

  /// NEWOBJ, INST, OBJ: a new instance of a class.
  mutating func make(_ callable: Node, _ arguments: Node) throws -> Node {
    guard case .tuple(let items) = contents[Int(arguments)] else {
      throw Refusal(reason: "a new object needs its arguments as a tuple")
    }
    switch contents[Int(callable)] {
    case .global(let index):
      calls[Int(index)] += 1
      let global = globals[Int(index)]
      if PickleCallables.dictLike.contains(global.name) { return try add(.dict([])) }
      return try understood(global, items) ?? instance(callable, arguments)
    case .object:
      callsResults = true
      return try instance(callable, arguments)
    default: throw Refusal(reason: "a new object needs a class")
    }
  }

  private mutating func instance(_ callable: Node, _ arguments: Node) throws -> Node {
    let node = try object(callable, arguments)
    records[records.count - 1].isInstance = true
    return node
  }

  mutating func keepKeywords(_ node: Node, _ keywords: Node) throws {
    if case .object(let index) = contents[Int(node)] { records[Int(index)].items.append(keywords) }
  }

  /// BUILD: the state of an object.
  mutating func build(_ node: Node, _ state: Node) throws {
    switch contents[Int(node)] {
    case .object(let index):
      records[Int(index)].state = state
      if let array = try numpyArray(records[Int(index)]) {
        try spend(Cost.tensor)
        tensors.append(array)
        contents[Int(node)] = .tensor(Int32(tensors.count - 1))
      } else if let list = try numpyList(records[Int(index)]) {
        contents[Int(node)] = list
      }
    case .dict(let entries):
      // A Namespace's attributes are its entries; an OrderedDict's attributes (torch's `_metadata`) are not.
      if entries.isEmpty, case .dict(let attributes) = contents[Int(state)], namespaces.contains(node) {
        contents[Int(node)] = .dict(attributes)
      }
    case .list, .tuple, .set, .tensor, .storage, .global, .string, .bytes, .double, .int, .bigInteger: break
    case .null, .bool: throw Refusal(reason: "BUILD needs an object")
    }
  }

  /// About how many bytes of memory the parts of a graph take.
  enum Cost {
    static let node = 16
    static let block = 40
    static let global = 160
    static let record = 40
    static let storage = 160
    static let tensor = 256
    /// An entry of a dictionary of numbers.
    static let entry = 32

    /// Lists grow by doubling.
    static func items(_ items: [Node]) -> Int { items.isEmpty ? 0 : 8 * items.count }

    static func of(_ content: Content) -> Int {
      switch content {
      case .list(let items), .tuple(let items), .set(let items), .dict(let items):
        items.isEmpty ? node : node + block + 4 * items.count
      case .string(let text), .bigInteger(let text): text.utf8.count < 16 ? node : node + block + text.utf8.count
      case .bytes(let bytes): node + block + bytes.count
      default: node
      }
    }
  }

  /// Nodes whose state is their content.
  var namespaces: Set<Node> = []
}
