/// The escape codes of vcsh; no other code writes any.
public enum Escape {
  public enum Style: Sendable, Equatable {
    case bold, dim, red, green, yellow, blue, magenta, cyan

    fileprivate var code: Int {
      switch self {
      case .bold: 1
      case .dim: 2
      case .red: 31
      case .green: 32
      case .yellow: 33
      case .blue: 34
      case .magenta: 35
      case .cyan: 36
      }
    }
  }

  /// `text` in a style; unchanged where colour is off.
  public static func paint(_ text: String, _ styles: Style..., when colour: Bool) -> String {
    guard colour, !styles.isEmpty, !text.isEmpty else { return text }
    return "\u{1b}[" + styles.map { String($0.code) }.joined(separator: ";") + "m" + text + "\u{1b}[0m"
  }

  /// Two pixels, one above the other, in one character: numbers of the 256 colours, or orange for nil.
  static func halves(_ top: Int?, _ bottom: Int?) -> String {
    "\u{1b}[38;5;\(top ?? 214);48;5;\(bottom ?? 214)m▀\u{1b}[0m"
  }

  /// Moves to the first column and erases the line.
  public static let clearLine = "\r\u{1b}[K"

  /// The `count` lines above the cursor, and the cursor's own, erased; the cursor then stands where the first one began.
  public static func eraseLines(_ count: Int) -> String { count > 0 ? "\r\u{1b}[\(count)A\u{1b}[J" : "\r\u{1b}[J" }

  /// Puts a pager's screen over what the terminal shows; `leaveScreen` restores it.
  public static let enterScreen = "\u{1b}[?1049h\u{1b}[?25l"
  public static let leaveScreen = "\u{1b}[?1049l\u{1b}[?25h"

  /// A whole screen of lines; the first ones are bold, the last one is dim.
  public static func screen(_ lines: [String], boldLines: Int, when colour: Bool) -> String {
    let painted = lines.enumerated().map { index, line in
      let styled = index < boldLines ? paint(line, .bold, when: colour) : line
      return (index == lines.count - 1 ? paint(line, .dim, when: colour) : styled) + "\u{1b}[K"
    }
    return "\u{1b}[H" + painted.joined(separator: "\r\n")
  }

  /// `text` without its colour codes.
  public static func stripped(_ text: String) -> String {
    text.contains("\u{1b}") ? text.replacing(/\u{1b}\[[0-9;]*[A-Za-z]/, with: "") : text
  }

  /// A prompt whose escape codes are marked as having no width, as GNU readline requires.
  public static func promptMarked(_ prompt: String) -> String {
    var marked = ""
    var rest = prompt[...]
    while let start = rest.firstIndex(of: "\u{1b}") {
      let code = colourCode(rest[start...])
      marked += rest[..<start] + (code.isEmpty ? "\u{1b}" : "\u{01}\(code)\u{02}")
      rest = rest[start...].dropFirst(max(1, code.count))
    }
    return marked + rest
  }

  /// The colour code that `text` begins with; empty where it begins with none. Read without a pattern, which took a
  /// twenty-fifth of the time to the prompt.
  private static func colourCode(_ text: Substring) -> Substring {
    let numbers = text.dropFirst(2).prefix { $0.isASCII && $0.isNumber || $0 == ";" }
    let end = text[numbers.endIndex...].first
    guard text.hasPrefix("\u{1b}["), let end, end.isASCII, end.isLetter else { return "" }
    return text[...numbers.endIndex]
  }
}
