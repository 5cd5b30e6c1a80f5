import GRDB

/// A checksum of a row's values, 64 bits. It finds damage; it is no protection against who wants to deceive.
///
/// A whole number has the same checksum as an integer and as a float: SQLite stores either for a column of real numbers.
enum RowSeal {
  static func of(_ values: some Sequence<DatabaseValue>) -> Int64 {
    var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
    func mix(_ word: UInt64) {
      hash = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 32
    }
    func mix(bytes: some Collection<UInt8>, kind: UInt64) {
      mix(kind ^ UInt64(bytes.count) << 8)
      var word: UInt64 = 0
      var count: UInt64 = 0
      for byte in bytes {
        word |= UInt64(byte) << (8 * count)
        count += 1
        if count == 8 {
          mix(word)
          (word, count) = (0, 0)
        }
      }
      mix(word)
    }
    for value in values {
      switch value.storage {
      case .null: mix(1)
      case .int64(let number):
        mix(2)
        mix(UInt64(bitPattern: number))
      case .double(let number):
        if let whole = Int64(exactly: number) {
          mix(2)
          mix(UInt64(bitPattern: whole))
        } else {
          mix(3)
          mix(number.bitPattern)
        }
      case .string(let text): mix(bytes: text.utf8, kind: 4)
      case .blob(let data): mix(bytes: data, kind: 5)
      }
    }
    return Int64(bitPattern: hash)
  }
}
