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
    for start in 0...text.count - part.count where text[start] == first {
      var length = 1
      while length < part.count, text[start + length] == part[length] { length += 1 }
      if length == part.count { return true }
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
  static func count(of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
    var count = 0
    for other in UnsafeBufferPointer(rebasing: bytes[range]) { count &+= other == byte ? 1 : 0 }
    return count
  }
}

extension String {
  /// With small letters in place of A to Z; all else stays.
  var loweredASCII: String {
    String(decoding: utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }, as: UTF8.self)
  }
}
