import Base

/// The fields of a protobuf message, one after the other. A damaged message ends the iteration and sets `isDamaged`.
struct ProtobufFields {
  enum Content {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>
  private(set) var isDamaged = false

  init(_ message: ArraySlice<UInt8>) { rest = message }

  mutating func next() -> (field: Int, content: Content)? {
    guard !rest.isEmpty, !isDamaged else { return nil }
    guard let key = varint(), let field = Int(exactly: key >> 3), field > 0 else { return damaged() }
    switch key & 7 {
    case 0:
      guard let value = varint() else { return damaged() }
      return (field, .number(value))
    case 1:
      guard let value = take(8) else { return damaged() }
      return (field, .number(Self.little(value)))
    case 2:
      guard let length = varint().flatMap({ Int(exactly: $0) }), let value = take(length) else { return damaged() }
      return (field, .bytes(value))
    case 5:
      guard let value = take(4) else { return damaged() }
      return (field, .number(Self.little(value)))
    default: return damaged()
    }
  }

  private mutating func damaged() -> (field: Int, content: Content)? {
    isDamaged = true
    return nil
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
      if shift > 63 { return nil }
    }
    return nil
  }

  static func little(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}

extension ProtobufFields.Content {
  var text: String? { if case .bytes(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil } }
  var bytes: ArraySlice<UInt8>? { if case .bytes(let bytes) = self { bytes } else { nil } }
  var number: UInt64? { if case .number(let number) = self { number } else { nil } }
  /// An `int32` or `int64`.
  var integer: Int? { number.map { Int(Int64(bitPattern: $0)) } }
  /// A `double`.
  var double: Double? { number.map { Double(bitPattern: $0) } }
  /// A `float`.
  var float: Double? { number.map { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) } }
}

extension ArraySlice<UInt8> {
  /// The first field of this number; nil where the message has none.
  func protobuf(_ wanted: Int) -> ProtobufFields.Content? {
    var fields = ProtobufFields(self)
    while let (field, content) = fields.next() {
      if field == wanted { return content }
    }
    return nil
  }
}
