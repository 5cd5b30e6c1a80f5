import Base

/// numpy's scalars and arrays inside a pickle.
extension PickleBuilder {
  /// A numeric dtype and its byte order.
  private struct ElementType {
    var scalar: ScalarType
    var isBigEndian: Bool
  }

  /// A numeric dtype; nil for text, objects, records and dates.
  private func elementType(_ node: Node) -> ElementType? {
    guard let (code, isBigEndian) = dtype(node) else { return nil }
    return NpyHeader.scalar(code).map { ElementType(scalar: $0, isBigEndian: isBigEndian) }
  }

  /// The code of a dtype without its byte order: `f4`, `U7`, `O8`; `T` for numpy's texts of any length.
  private func dtype(_ node: Node) -> (code: String, isBigEndian: Bool)? {
    guard case .object(let index) = contents[Int(node)] else { return nil }
    let record = records[Int(index)]
    guard case .global(let index) = contents[Int(record.callable)] else { return nil }
    let global = globals[Int(index)]
    if global.name == "_convert_to_stringdtype_kwargs", global.module.hasPrefix("numpy") { return ("T", false) }
    guard global.name == "dtype",
      case .tuple(let arguments) = contents[Int(record.arguments)], let first = arguments.first,
      case .string(let code) = contents[Int(first)]
    else { return nil }
    var order: Character = "<"
    if let state = record.state, case .tuple(let items) = contents[Int(state)], items.count > 1,
      case .string(let text) = contents[Int(items[1])], let mark = text.first
    {
      order = mark
    }
    return (code, order == ">")
  }

  /// Texts of a fixed length, `U` (UTF-32) or `S` (bytes); nil for another type or where the bytes do not fit.
  private mutating func texts(_ dtype: Node, _ bytes: [UInt8], count: Int) throws -> [Node]? {
    guard let (code, isBigEndian) = self.dtype(dtype), let kind = code.first, kind == "U" || kind == "S",
      let length = Int(code.dropFirst()), (0...1 << 20).contains(length), count >= 0, count <= bytes.count + 1
    else { return nil }
    let width = kind == "U" ? 4 * length : length
    guard bytes.count == width.multipliedReportingOverflow(by: count).partialValue else { return nil }
    try spend(bytes.count)
    return try (0..<count).map { index in
      let part = bytes[index * width..<(index + 1) * width]
      return try add(.string(FixedText.decode(part, isWide: kind == "U", isBigEndian: isBigEndian)))
    }
  }

  private func count(_ shape: [Int]) -> Int? {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }

  /// An array of texts or Python objects as a flat list, row-major; its only element where it has no axis.
  mutating func numpyList(_ record: PickleGraph.Record) throws -> Content? {
    guard case .global(let index) = contents[Int(record.callable)], globals[Int(index)].name == "_reconstruct",
      globals[Int(index)].module.hasPrefix("numpy"), let state = record.state,
      case .tuple(let items) = contents[Int(state)], items.count == 5, let shape = integers(items[1]),
      let count = count(shape), case .bool(let isFortran) = contents[Int(items[3])],
      !isFortran || shape.count < 2
    else { return nil }
    let nodes: [Node]
    if let bytes = try raw(items[4]) {
      guard let texts = try texts(items[2], bytes, count: count) else { return nil }
      nodes = texts
    } else {
      guard let kind = dtype(items[2])?.code.first, "OT".contains(kind),
        case .list(let objects) = contents[Int(items[4])],
        objects.count == count
      else { return nil }
      nodes = objects
    }
    return try nested(nodes, shape)
  }

  /// Elements as nested lists, row-major; the only element where there is no axis.
  private mutating func nested(_ nodes: [Node], _ shape: [Int]) throws -> Content {
    guard let only = nodes.first else { return .list([]) }
    if shape.isEmpty { return contents[Int(only)] }
    var nodes = nodes
    for size in shape.dropFirst().reversed() where size > 0 {
      nodes = try stride(from: 0, to: nodes.count, by: size).map {
        try add(.list(Array(nodes[$0..<min($0 + size, nodes.count)])))
      }
    }
    return .list(nodes)
  }

  /// `_frombuffer(bytes, dtype, shape, order)` of texts.
  mutating func numpyTextBuffer(_ arguments: [Node]) throws -> Content? {
    guard arguments.count == 4, let bytes = try raw(arguments[0]), let shape = integers(arguments[2]),
      let count = count(shape), case .string(let order) = contents[Int(arguments[3])], order == "C" || shape.count < 2,
      let nodes = try texts(arguments[1], bytes, count: count)
    else { return nil }
    return try nested(nodes, shape)
  }

  private mutating func raw(_ node: Node) throws -> [UInt8]? {
    switch contents[Int(node)] {
    case .bytes(let bytes): return bytes
    case .string(let text):
      // Python 2 wrote bytes as text.
      try spend(text.utf8.count)
      guard text.unicodeScalars.allSatisfy({ $0.value < 256 }) else { return nil }
      return text.unicodeScalars.map { UInt8($0.value) }
    default: return nil
    }
  }

  mutating func numpyScalar(_ arguments: [Node]) throws -> Node? {
    guard arguments.count == 2, let bytes = try raw(arguments[1]) else { return nil }
    guard let type = elementType(arguments[0]), bytes.count == type.scalar.byteCount else {
      return try texts(arguments[0], bytes, count: 1)?.first
    }
    let decoder = ScalarDecoder(scalar: type.scalar, isBigEndian: type.isBigEndian)
    if type.scalar == .bool { return try add(.bool(bytes[0] != 0)) }
    if type.scalar.isFloatingPoint {
      return try decoder.doubles(bytes).first.map { try add(.double($0)) }
    }
    return try decoder.integers(bytes)?.first.map { try add(.int($0)) }
  }

  /// `_reconstruct(ndarray, …)` with its state `(version, shape, dtype, isFortran, bytes)`.
  mutating func numpyArray(_ record: PickleGraph.Record) throws -> TensorReference? {
    guard case .global(let index) = contents[Int(record.callable)], globals[Int(index)].name == "_reconstruct",
      globals[Int(index)].module.hasPrefix("numpy"), case .tuple(let arguments) = contents[Int(record.arguments)],
      let first = arguments.first, case .global(let made) = contents[Int(first)],
      ["ndarray", "matrix"].contains(globals[Int(made)].name), let state = record.state,
      case .tuple(let items) = contents[Int(state)], items.count == 5, let shape = integers(items[1]),
      let type = elementType(items[2]), case .bool(let isFortran) = contents[Int(items[3])],
      let bytes = try raw(items[4])
    else { return nil }
    return array(bytes, type, shape, isFortran: isFortran)
  }

  /// `_frombuffer(bytes, dtype, shape, order)`, protocol 5's form.
  mutating func numpyBuffer(_ arguments: [Node]) throws -> TensorReference? {
    guard arguments.count == 4, let bytes = try raw(arguments[0]), let type = elementType(arguments[1]),
      let shape = integers(arguments[2]), case .string(let order) = contents[Int(arguments[3])]
    else { return nil }
    return array(bytes, type, shape, isFortran: order == "F")
  }

  private func array(_ bytes: [UInt8], _ type: ElementType, _ shape: [Int], isFortran: Bool) -> TensorReference? {
    guard let strides = StoredArray.strides(shape, isFortran: isFortran) else { return nil }
    let reference = TensorReference(
      storage: .inline(bytes), scalar: type.scalar, shape: shape, strides: strides, offset: 0,
      storageCount: bytes.count / type.scalar.byteCount, isBigEndian: type.isBigEndian)
    guard (try? check(reference)) != nil else { return nil }
    return reference
  }
}
