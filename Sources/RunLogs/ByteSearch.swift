import Foundation

/// Searches in text byte by byte: names in logs are ASCII, and text search by Unicode's rules costs a hundred times as
/// much.
package enum ByteSearch {
  /// Whether `part` is in `text`. Both as UTF-8.
  package static func isFound(_ part: String, in text: String) -> Bool {
    var (part, text) = (part, text)
    return part.withUTF8 { part in text.withUTF8 { isFound(part, in: $0) } }
  }

  static func isFound(_ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = part.first else { return true }
    guard part.count <= text.count else { return false }
    let end = text.count - part.count + 1
    var start = 0
    while let found = place(of: first, in: text, start..<end) {
      var length = 1
      while length < part.count, text[found + length] == part[length] { length += 1 }
      if length == part.count { return true }
      start = found + 1
    }
    return false
  }

  /// Where the first such byte is.
  static func place(of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    guard let base = bytes.baseAddress, !range.isEmpty else { return nil }
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    let start = UnsafeRawPointer(base + range.lowerBound)
    return memchr(start, Int32(byte), range.count).map { range.lowerBound + (UnsafeRawPointer($0) - start) }
  }

  /// How many such bytes there are.
  package static func count(of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
    let part = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range]))
    let (ones, low): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x7F7F_7F7F_7F7F_7F7F)
    let pattern = ones &* UInt64(byte)
    var (count, position) = (0, 0)
    while part.count &- position >= 8 {
      // A byte of `other` is 0 where the bytes are the same; then, and only then, its highest bit is set in `same`.
      let other = part.loadUnaligned(fromByteOffset: position, as: UInt64.self) ^ pattern
      let same = ~((((other & low) &+ low) | other) | low)
      count &+= Int(truncatingIfNeeded: ((same >> 7) &* ones) >> 56)
      position &+= 8
    }
    while position < part.count {
      if part[position] == byte { count += 1 }
      position += 1
    }
    return count
  }
}

extension String {
  /// With small letters in place of A to Z; all else stays.
  var loweredASCII: String {
    String(decoding: utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }, as: UTF8.self)
  }
}
