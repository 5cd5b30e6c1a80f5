/// The values of a pickle, as a flat list of nodes that refer to each other by number.
///
/// So shared and cyclic values are allowed, and no file nests so deeply that building or freeing the list recurses.
final class PickleGraph: Sendable {
  typealias Node = Int32

  enum Content: Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case bigInteger(String)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list([Node])
    case tuple([Node])
    case set([Node])
    /// Keys and values in turn.
    case dict([Node])
    case global(Int32)
    case object(Int32)
    case tensor(Int32)
    case storage(Int32)
  }

  struct Global: Sendable, Hashable {
    let module: String
    let name: String
    var text: String { "\(module).\(name)" }
  }

  /// A call that is recorded and never made: the callable and its arguments.
  struct Record: Sendable {
    var callable: Node
    var arguments: Node
    var state: Node?
    var items: [Node] = []
    /// Whether `items` are keys and values in turn: the instance of a class like dict.
    var isMapping = false
    /// Whether it is a new instance of a class, and not the result of a function.
    var isInstance = false
  }

  /// A storage of a torch archive that the pickle refers to.
  struct StorageReference: Sendable {
    var storage: TensorReference.Storage
    /// Nil for untyped storages: their elements are bytes.
    var scalar: ScalarType?
    var count: Int
    var offset: Int
    /// Bytes of an element; nil for types that vcsh does not know.
    var elementSize: Int?
    /// The name of torch's class: `QInt8Storage`.
    var typeName = ""
  }

  let contents: [Content]
  let globals: [Global]
  let records: [Record]
  let tensors: [TensorReference]
  let storages: [StorageReference]
  let root: Node

  init(
    contents: [Content], globals: [Global], records: [Record], tensors: [TensorReference],
    storages: [StorageReference], root: Node
  ) {
    self.contents = contents
    self.globals = globals
    self.records = records
    self.tensors = tensors
    self.storages = storages
    self.root = root
  }
}
