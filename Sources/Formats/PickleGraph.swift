/// The values of a pickle, as a flat list of nodes that refer to each other by number.
///
/// So shared and cyclic values are allowed, and no file nests so deeply that building or freeing the list recurses.
package final class PickleGraph: Sendable {
  package typealias Node = Int32

  package enum Content: Sendable {
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

  package struct Global: Sendable, Hashable {
    package let module: String
    package let name: String
    package var text: String { "\(module).\(name)" }
  }

  /// A call that is recorded and never made: the callable and its arguments.
  package struct Record: Sendable {
    package var callable: Node
    package var arguments: Node
    package var state: Node?
    package var items: [Node] = []
    /// Whether `items` are keys and values in turn: the instance of a class like dict.
    package var isMapping = false
    /// Whether it is a new instance of a class, and not the result of a function.
    package var isInstance = false
  }

  /// A storage of a torch archive that the pickle refers to.
  package struct StorageReference: Sendable {
    package var storage: TensorReference.Storage
    /// Nil for untyped storages: their elements are bytes.
    package var scalar: ScalarType?
    package var count: Int
    var offset: Int
    /// Bytes of an element; nil for types that vcsh does not know.
    package var elementSize: Int?
    /// The name of torch's class: `QInt8Storage`.
    package var typeName = ""
    /// The offset of the pickle's opcode that refers to it.
    var place = 0
  }

  package let contents: [Content]
  package let globals: [Global]
  /// How often the pickle calls each of `globals`.
  package let calls: [Int]
  /// Whether the result of a call is called: then no name says what Python would run.
  package let callsResults: Bool
  package let records: [Record]
  package let tensors: [TensorReference]
  package let storages: [StorageReference]
  package let root: Node

  init(
    contents: [Content], globals: [Global], calls: [Int], callsResults: Bool, records: [Record],
    tensors: [TensorReference],
    storages: [StorageReference], root: Node
  ) {
    self.contents = contents
    self.globals = globals
    self.calls = calls
    self.callsResults = callsResults
    self.records = records
    self.tensors = tensors
    self.storages = storages
    self.root = root
  }
}
