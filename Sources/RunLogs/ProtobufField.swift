import Foundation

/// One field of a Protocol Buffers message that is written.
///
/// Source: the encoding of protobuf.dev: a key (number and wire type), then a varint, 4 or 8 bytes, or a length and bytes.
enum ProtobufField {
  case integer(Int, Int)
  case double(Int, Double)
  case float(Int, Float)
  case bytes(Int, Data)
  /// A packed list.
  case doubles(Int, [Double])
  case message(Int, [ProtobufField])

  static func encoded(_ fields: [ProtobufField]) -> Data { fields.reduce(into: Data()) { $1.append(to: &$0) } }

  private func append(to data: inout Data) {
    switch self {
    case .integer(let number, let value):
      Self.append(UInt64(number << 3), to: &data)
      Self.append(UInt64(bitPattern: Int64(value)), to: &data)
    case .double(let number, let value):
      Self.append(UInt64(number << 3 | 1), to: &data)
      Self.append(value, to: &data)
    case .float(let number, let value):
      Self.append(UInt64(number << 3 | 5), to: &data)
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
    case .bytes(let number, let content): Self.append(content, number, to: &data)
    case .doubles(let number, let values):
      Self.append(values.reduce(into: Data()) { Self.append($1, to: &$0) }, number, to: &data)
    case .message(let number, let fields): Self.append(Self.encoded(fields), number, to: &data)
    }
  }

  private static func append(_ content: Data, _ number: Int, to data: inout Data) {
    append(UInt64(number << 3 | 2), to: &data)
    append(UInt64(content.count), to: &data)
    data.append(content)
  }

  private static func append(_ value: Double, to data: inout Data) {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
  }

  private static func append(_ varint: UInt64, to data: inout Data) {
    var rest = varint
    while rest >= 0x80 {
      data.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    data.append(UInt8(rest))
  }
}
