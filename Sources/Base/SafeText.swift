/// Text from files, made safe for a terminal: names and cells are data, and must not move the cursor or set colours.
public enum SafeText {
  /// On one line: line breaks, tabs and all other control characters are escaped.
  public static func line(_ text: String) -> String { spelled(text, keeping: []) }

  /// On several lines: line breaks and tabs are kept, other control characters are escaped.
  public static func block(_ text: String) -> String { spelled(text, keeping: ["\n", "\t"]) }

  private static func spelled(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
    guard text.unicodeScalars.contains(where: { isHostile($0) && !kept.contains($0) }) else { return text }
    var out = ""
    for scalar in text.unicodeScalars {
      if !isHostile(scalar) || kept.contains(scalar) {
        out.unicodeScalars.append(scalar)
        continue
      }
      switch scalar {
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default: out += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return out
  }

  /// Control characters, line separators, and characters that reorder the text around them.
  package static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
