import Foundation

/// Text of a fixed length as numpy stores it: code points (`U`) or bytes (`S`), with zeros at the end.
enum FixedText {
  /// - Parameter isWide: whether each character takes four bytes.
  static func decode(_ bytes: ArraySlice<UInt8>, isWide: Bool, isBigEndian: Bool) -> String {
    guard isWide else {
      let end = bytes.lastIndex { $0 != 0 } ?? bytes.startIndex - 1
      return String(decoding: bytes[bytes.startIndex..<end + 1], as: UTF8.self)
    }
    var text = String.UnicodeScalarView()
    var zeros = 0
    var position = bytes.startIndex
    while position + 4 <= bytes.endIndex {
      var code: UInt32 = 0
      for step in 0..<4 { code |= UInt32(bytes[position + (isBigEndian ? 3 - step : step)]) << (8 * UInt32(step)) }
      position += 4
      if code == 0 {
        zeros += 1
        continue
      }
      for _ in 0..<zeros { text.append("\u{0}") }
      zeros = 0
      text.append(Unicode.Scalar(code) ?? "\u{fffd}")
    }
    return String(text)
  }
}
