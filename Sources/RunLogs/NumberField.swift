/// Numbers in a log's text.
enum NumberField {
  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1.0) { value, _ in value * 10 }
  }

  /// The number in these bytes; nil where they are not a number. Exact: short decimals are computed, others read by the
  /// standard library.
  static func value(_ bytes: UnsafeBufferPointer<UInt8>.SubSequence) -> Double? {
    var position = bytes.startIndex
    guard position < bytes.endIndex else { return nil }
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var mantissa: UInt64 = 0
    var decimals = 0
    var hasPoint = false
    var digits = 0
    while position < bytes.endIndex {
      let byte = bytes[position]
      if byte >= 48, byte <= 57 {
        guard mantissa < 900_000_000_000_000 else { return slow(bytes) }
        mantissa = mantissa * 10 + UInt64(byte - 48)
        digits += 1
        if hasPoint { decimals += 1 }
      } else if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        return slow(bytes)
      }
      position += 1
    }
    guard digits > 0, decimals <= 22 else { return slow(bytes) }
    let value = Double(mantissa) / powers[decimals]
    return isNegative ? -value : value
  }

  private static func slow(_ bytes: UnsafeBufferPointer<UInt8>.SubSequence) -> Double? {
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
