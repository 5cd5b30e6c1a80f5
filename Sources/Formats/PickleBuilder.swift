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

  var contents: [Content] = []
  private(set) var globals: [PickleGraph.Global] = []
  var records: [PickleGraph.Record] = []
  var tensors: [TensorReference] = []
  var storages: [PickleGraph.StorageReference] = []
  /// Whether bytes that hold a whole torch file are read as one.
  var allowsEmbedded = true
  /// Bytes that calls may still make. A call takes a few bytes of the file and can be repeated without end, so the sum
  /// is limited.
  var budget = 64 << 20
  private var globalNodes: [PickleGraph.Global: Node] = [:]

  func graph(root: Node) -> PickleGraph {
    PickleGraph(
      contents: contents, globals: globals, records: records, tensors: tensors, storages: storages, root: root)
  }

  mutating func add(_ content: Content) throws -> Node {
    guard contents.count < PickleReader.nodeLimit else {
      throw Refusal(reason: "more than \(PickleReader.nodeLimit) values")
    }
    contents.append(content)
    return Node(contents.count - 1)
  }

  mutating func spend(_ bytes: Int) throws {
    budget -= bytes
    guard budget >= 0 else { throw Refusal(reason: "its calls would make far more data than the file holds") }
  }

  mutating func global(_ module: String, _ name: String) throws -> Node {
    let global = PickleGraph.Global(module: module, name: name)
    if let node = globalNodes[global] { return node }
    globals.append(global)
    let node = try add(.global(Int32(globals.count - 1)))
    globalNodes[global] = node
    return node
  }

  /// The value of a persistent id: a storage where torch wrote the id, else a record.
  mutating func persistent(_ id: Node) throws -> Node {
    if let storage = try storageReference(id) {
      storages.append(storage)
      return try add(.storage(Int32(storages.count - 1)))
    }
    return try object(try global("pickle", "persistent_load"), try add(.tuple([id])))
  }

  mutating func append(_ items: [Node], to node: Node) throws {
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
    records.append(PickleGraph.Record(callable: callable, arguments: arguments))
    return try add(.object(Int32(records.count - 1)))
  }

  /// REDUCE.
  mutating func call(_ callable: Node, _ arguments: Node) throws -> Node {
    guard case .tuple(let items) = contents[Int(arguments)] else {
      throw Refusal(reason: "REDUCE needs its arguments as a tuple")
    }
    switch contents[Int(callable)] {
    case .global(let index): return try understood(globals[Int(index)], items) ?? object(callable, arguments)
    case .object: return try object(callable, arguments)
    default: throw Refusal(reason: "REDUCE needs a class or function")
    }
  }

  /// NEWOBJ, INST, OBJ: a new instance of a class.
  mutating func make(_ callable: Node, _ arguments: Node) throws -> Node {
    guard case .tuple(let items) = contents[Int(arguments)] else {
      throw Refusal(reason: "a new object needs its arguments as a tuple")
    }
    switch contents[Int(callable)] {
    case .global(let index):
      let global = globals[Int(index)]
      if PickleCallables.dictLike.contains(global.name) { return try add(.dict([])) }
      return try understood(global, items) ?? instance(callable, arguments)
    case .object: return try instance(callable, arguments)
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

  /// Nodes whose state is their content.
  var namespaces: Set<Node> = []
}
