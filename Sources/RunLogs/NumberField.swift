/// Numbers in a log's text.
package enum NumberField {
  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1.0) { value, _ in value * 10 }
  }

  /// The number in these bytes; nil where they are not a number. Exact: decimals of up to 18 digits are computed, others read
  /// by the standard library.
  static func value(_ bytes: UnsafeBufferPointer<UInt8>.SubSequence) -> Double? {
    plain(UnsafeBufferPointer(rebasing: bytes)) ?? slow(bytes)
  }

  /// The number in an unquoted decimal without an exponent; nil for all else, which may be a number, too.
  package static func plain(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    var position = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { position = 1 }
    var mantissa: UInt64 = 0
    var (digits, decimals) = (0, 0)
    var hasPoint = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte >= 48, byte <= 57 {
        // 18 digits are below 2^63.
        guard mantissa < 100_000_000_000_000_000 else { return nil }
        mantissa = mantissa * 10 + UInt64(byte - 48)
        digits += 1
        if hasPoint { decimals += 1 }
      } else if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        return nil
      }
      position += 1
    }
    guard digits > 0, decimals <= 22, let value = quotient(mantissa, decimals) else { return nil }
    return isNegative ? -value : value
  }

  /// The number that a text is, as `Double(text)` reads it.
  package static func number(_ text: String) -> Double? {
    var text = text
    return text.withUTF8 { bytes in plain(bytes) } ?? Double(text)
  }

  /// `mantissa` / 10^`decimals`, rounded once; nil where that can't be told.
  private static func quotient(_ mantissa: UInt64, _ decimals: Int) -> Double? {
    // Both are exact in 53 bits.
    if mantissa < 1 << 53 { return Double(mantissa) / powers[decimals] }
    #if arch(x86_64)
      // Both are exact in 64 bits, so the quotient is rounded once to 64 bits. Rounding again to 53 gives the nearest number
      // unless the bits that go are half of the last that stays, give or take one.
      let quotient = Float80(mantissa) / Float80(powers[decimals])
      let rest = quotient.significandBitPattern & 0x7FF
      guard rest < 0x3FF || rest > 0x401 else { return nil }
      return Double(quotient)
    #else
      return nil
    #endif
  }

  private static func slow(_ bytes: UnsafeBufferPointer<UInt8>.SubSequence) -> Double? {
    guard !bytes.isEmpty else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return Double(text) ?? Double(text.trimmingPrefix { $0 == " " })
  }
}

/// Steps and epochs of a log, within bounds in which they can be added to.
enum LogCount {
  static let limit = 1 << 50

  /// Nil for anything but a whole number that a training can reach.
  static func of(_ value: Double) -> Int? { Int(exactly: value).flatMap(of) }
  static func of(_ value: Int) -> Int? { value.magnitude <= limit ? value : nil }
}
