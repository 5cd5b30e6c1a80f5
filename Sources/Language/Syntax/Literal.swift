import Base

/// The value of a bareword where any value is allowed.
enum Literal {
  /// A number, `true`, `false`, `null`, or otherwise the text itself.
  static func value(of text: String) -> Value {
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default: break
    }
    guard let first = text.first(where: { $0 != "-" && $0 != "+" }), first.isASCIIDigit else { return .string(text) }
    if let whole = Int(text) { return .int(whole) }
    if let number = Double(text), number.isFinite, !text.contains("x") { return .double(number) }
    return .string(text)
  }
}
