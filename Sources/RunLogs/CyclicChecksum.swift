/// CRC-32 with a reflected polynomial: Castagnoli's for TensorBoard's records, zlib's for those of W&B.
struct CyclicChecksum {
  static let castagnoli = CyclicChecksum(polynomial: 0x82f6_3b78)
  static let zlib = CyclicChecksum(polynomial: 0xedb8_8320)

  private let table: [UInt32]

  private init(polynomial: UInt32) {
    table = (0..<256).map { index in
      (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
    }
  }

  func value(_ bytes: some Sequence<UInt8>, from start: UInt32 = 0) -> UInt32 {
    ~bytes.reduce(~start) { table[Int(($0 ^ UInt32($1)) & 0xff)] ^ $0 >> 8 }
  }

  /// As TFRecord stores it.
  func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let value = value(bytes)
    return (value >> 15 | value << 17) &+ 0xa282_ead8
  }
}
