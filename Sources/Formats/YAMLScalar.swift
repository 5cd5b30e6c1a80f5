import Base

/// The value of a plain YAML scalar, by YAML 1.1 as PyYAML reads it.
///
/// One difference: `1e-5` without a dot is text for PyYAML; here it is the number that its writer means.
enum YAMLScalar {
  /// Nil for an integer that `Int` can't hold.
  static func value(_ text: String) -> ConfigNode? {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
    case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
    case ".nan", ".NaN", ".NAN": return .double(.nan)
    default: break
    }
    guard let first = text.utf8.first, (0x30...0x39).contains(first) || "+-.".utf8.contains(first) else {
      return .string(text)
    }
    let isNegative = first == UInt8(ascii: "-")
    let unsigned = isNegative || first == UInt8(ascii: "+") ? String(text.dropFirst()) : text
    return number(unsigned, isNegative: isNegative, text)
  }

  private static func number(_ unsigned: String, isNegative: Bool, _ text: String) -> ConfigNode? {
    let digits = unsigned.filter { $0 != "_" }
    let sign = isNegative ? "-" : ""
    guard let first = digits.utf8.first, unsigned.utf8.first != UInt8(ascii: "_") else { return .string(text) }
    if digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      if digits == "0" || first != UInt8(ascii: "0") { return Int(sign + digits).map { .int($0) } }
      // A leading zero means octal; 08 and 09 are text.
      guard digits.utf8.allSatisfy({ $0 < 0x38 }) else { return .string(text) }
      return Int(sign + digits, radix: 8).map { .int($0) }
    }
    for (prefix, radix) in [("0x", 16), ("0b", 2)] where digits.hasPrefix(prefix) {
      let rest = digits.dropFirst(2)
      guard !rest.isEmpty, rest.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return .string(text) }
      if radix == 2, !rest.allSatisfy({ $0 == "0" || $0 == "1" }) { return .string(text) }
      return Int(sign + rest, radix: radix).map { .int($0) }
    }
    if digits.contains(":") { return sexagesimal(digits, isNegative) ?? .string(text) }
    return isDecimal(digits) ? Double(sign + digits).map { .double($0) } ?? .string(text) : .string(text)
  }

  /// Digits with a point or an exponent, or both; at least one digit before the exponent.
  private static func isDecimal(_ text: String) -> Bool {
    let parts =
      text.split(separator: "e", omittingEmptySubsequences: false).count == 2
      ? text.split(separator: "e", omittingEmptySubsequences: false)
      : text.split(separator: "E", omittingEmptySubsequences: false)
    guard parts.count <= 2, let mantissa = parts.first else { return false }
    let isDigit: (Character) -> Bool = { $0.isASCII && $0.isNumber }
    guard mantissa.contains(where: isDigit), mantissa.filter({ $0 == "." }).count <= 1,
      mantissa.allSatisfy({ $0 == "." || isDigit($0) })
    else { return false }
    guard parts.count == 2 else { return mantissa.contains(".") }
    var exponent = parts[1]
    if let sign = exponent.first, sign == "+" || sign == "-" { exponent = exponent.dropFirst() }
    return !exponent.isEmpty && exponent.allSatisfy(isDigit)
  }

  /// `1:30` is 90 in YAML 1.1.
  private static func sexagesimal(_ digits: String, _ isNegative: Bool) -> ConfigNode? {
    let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 6, let head = parts.first, let first = head.first, first != "0" else { return nil }
    var total = 0.0
    for (position, part) in parts.enumerated() {
      let isLast = position == parts.count - 1
      guard part.allSatisfy({ ($0.isASCII && $0.isNumber) || (isLast && $0 == ".") }), part.count <= 9,
        let value = Double(part), position == 0 || value < 60
      else { return nil }
      total = total * 60 + value
    }
    total = isNegative ? -total : total
    guard !digits.contains("."), let integer = Int(exactly: total) else { return .double(total) }
    return .int(integer)
  }
}
