import Base
import Foundation

/// torch's tensors and storages inside a pickle.
extension PickleBuilder {
  static let storageTypes: [String: ScalarType] = [
    "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .bool,
  ]

  /// Storages whose size is known and whose elements are not read. Untyped ones count bytes.
  static let otherStorageSizes: [String: Int] = [
    "UntypedStorage": 1, "ComplexFloatStorage": 8, "ComplexDoubleStorage": 16, "QInt8Storage": 1, "QUInt8Storage": 1,
    "QInt32Storage": 4, "QUInt4x2Storage": 1, "QUInt2x4Storage": 1,
  ]

  static let scalarNames: [String: ScalarType] = [
    "float32": .float32, "float": .float32, "float64": .float64, "double": .float64, "float16": .float16,
    "half": .float16, "bfloat16": .bfloat16, "int64": .int64, "long": .int64, "int32": .int32, "int": .int32,
    "int16": .int16, "short": .int16, "int8": .int8, "uint8": .uint8, "uint16": .uint16, "uint32": .uint32,
    "uint64": .uint64, "bool": .bool, "float8_e4m3fn": .float8e4m3fn, "float8_e5m2": .float8e5m2,
    "float8_e4m3fnuz": .float8e4m3fnuz, "float8_e5m2fnuz": .float8e5m2fnuz, "float8_e8m0fnu": .float8e8m0fnu,
  ]

  /// `('storage', type, key, location, count)`, in older files followed by a view `(key, offset, count)`.
  func storageReference(_ id: Node) throws -> PickleGraph.StorageReference? {
    guard case .tuple(let items) = contents[Int(id)], items.count >= 5,
      case .string("storage") = contents[Int(items[0])],
      case .global(let type) = contents[Int(items[1])], case .int(let count) = contents[Int(items[4])]
    else { return nil }
    let key: String
    switch contents[Int(items[2])] {
    case .string(let text): key = text
    case .int(let number): key = String(number)
    default: return nil
    }
    guard count >= 0 else { throw Refusal(reason: "a storage has \(count) elements") }
    let name = globals[Int(type)].name
    let scalar = PickleBuilder.storageTypes[name]
    var reference = PickleGraph.StorageReference(
      storage: .entry(key: key), scalar: scalar, count: count, offset: 0,
      elementSize: scalar?.byteCount ?? PickleBuilder.otherStorageSizes[name], typeName: name)
    if items.count > 5, case .tuple(let view) = contents[Int(items[5])], view.count == 3,
      case .int(let offset) = contents[Int(view[1])], case .int(let length) = contents[Int(view[2])]
    {
      guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
        throw Refusal(reason: "a view reaches past the end of its storage")
      }
      reference.offset = offset
    }
    return reference
  }

  /// A call of one of torch's functions that rebuild a tensor; nil for the kinds that are not plain dense numbers.
  mutating func tensor(_ name: String, _ arguments: [Node]) throws -> Node? {
    switch name {
    case "_rebuild_tensor", "_rebuild_tensor_v2": return try dense(arguments, scalar: nil, metadata: 6)
    case "_rebuild_tensor_v3":
      guard arguments.count >= 7, case .global(let index) = contents[Int(arguments[6])],
        let scalar = PickleBuilder.scalarNames[globals[Int(index)].name]
      else { return nil }
      return try dense(arguments, scalar: scalar, metadata: 7)
    case "_rebuild_parameter", "_rebuild_parameter_with_state", "Parameter", "Buffer":
      guard let first = arguments.first, case .tensor = contents[Int(first)] else { return nil }
      return first
    case "_rebuild_from_type_v2":
      guard arguments.count >= 3, case .global(let index) = contents[Int(arguments[0])],
        case .tuple(let inner) = contents[Int(arguments[2])], globals[Int(index)].name != name
      else { return nil }
      return try tensor(globals[Int(index)].name, inner)
    default: return nil
    }
  }

  /// - Parameter arguments: storage, offset, sizes, strides; then gradient flags and, at position `metadata`, a dict.
  private mutating func dense(_ arguments: [Node], scalar: ScalarType?, metadata: Int) throws -> Node? {
    guard arguments.count >= 4, case .storage(let index) = contents[Int(arguments[0])],
      case .int(let offset) = contents[Int(arguments[1])], let shape = integers(arguments[2]),
      let strides = integers(arguments[3])
    else { return nil }
    // A conjugated or negated view holds other numbers than its storage.
    var isNegated = false
    if arguments.count > metadata, case .dict(let flags) = contents[Int(arguments[metadata])] {
      guard let negated = negates(flags) else { return nil }
      isNegated = negated
    }
    let storage = storages[Int(index)]
    guard let scalar = scalar ?? storage.scalar, storage.elementSize == storage.scalar?.byteCount ?? 1 else {
      return nil
    }
    // Untyped storages count bytes.
    let count = storage.scalar == nil ? storage.count / scalar.byteCount : storage.count
    let reference = TensorReference(
      storage: storage.storage, scalar: scalar, shape: shape, strides: strides,
      offset: try sum(offset, storage.offset), storageCount: count, isBigEndian: false, isNegated: isNegated)
    try check(reference)
    try spend(Cost.tensor)
    tensors.append(reference)
    return try add(.tensor(Int32(tensors.count - 1)))
  }

  /// Whether the flags of a view say that it negates; nil for any other flag.
  private func negates(_ flags: [Node]) -> Bool? {
    var isNegated = false
    for position in stride(from: 0, to: flags.count - 1, by: 2) {
      guard case .string(let name) = contents[Int(flags[position])],
        case .bool(let isSet) = contents[Int(flags[position + 1])]
      else { return nil }
      switch name {
      case "neg": isNegated = isSet
      case "conj" where !isSet: break
      default: return nil
      }
    }
    return isNegated
  }

  private func sum(_ a: Int, _ b: Int) throws -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { throw Refusal(reason: "a tensor reaches past the end of its storage") }
    return sum
  }

  /// Everything that a tensor touches must lie in its storage.
  func check(_ reference: TensorReference) throws {
    guard reference.shape.count == reference.strides.count, reference.offset >= 0,
      reference.shape.allSatisfy({ $0 >= 0 }), reference.strides.allSatisfy({ $0 >= 0 })
    else { throw Refusal(reason: "a tensor has shape \(reference.shape) and strides \(reference.strides)") }
    var count = 1
    var last = reference.offset
    for (size, stride) in zip(reference.shape, reference.strides) {
      // An axis of length 0 must not hide that the others are too large: rows are counted without it.
      let (product, overflow) = count.multipliedReportingOverflow(by: max(1, size))
      let (reach, reachOverflow) = max(0, size - 1).multipliedReportingOverflow(by: stride)
      let (next, lastOverflow) = last.addingReportingOverflow(reach)
      guard !overflow, !reachOverflow, !lastOverflow, product <= Int.max / 8 else {
        throw Refusal(reason: "a tensor of shape \(reference.shape) is too large for any file")
      }
      count = product
      last = next
    }
    guard reference.shape.contains(0) || last < reference.storageCount else {
      throw Refusal(
        reason: "a tensor needs element \(last) of a storage of \(reference.storageCount) elements")
    }
  }

  /// The integers of a tuple or list.
  func integers(_ node: Node) -> [Int]? {
    let items: [Node]
    switch contents[Int(node)] {
    case .tuple(let nodes), .list(let nodes): items = nodes
    default: return nil
    }
    guard items.count <= 64 else { return nil }
    var values: [Int] = []
    for item in items {
      guard case .int(let value) = contents[Int(item)] else { return nil }
      values.append(value)
    }
    return values
  }

  /// A storage outside of an archive: its bytes are a whole legacy file.
  mutating func embeddedStorage(_ arguments: [Node]) throws -> Node? {
    guard allowsEmbedded, let first = arguments.first, case .bytes(let bytes) = contents[Int(first)] else { return nil }
    try spend(2 * bytes.count)
    guard let storage = TorchLegacyLayout.embeddedStorage(bytes) else { return nil }
    try spend(Cost.storage)
    storages.append(storage)
    return try add(.storage(Int32(storages.count - 1)))
  }
}
