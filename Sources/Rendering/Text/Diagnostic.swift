import Base

/// A failure as the user sees it: the message, the place with a caret below it, and the remedy.
///
/// ```
/// error: no column `rte_hz`
///  --> recipe.vc:3:14
///   |
/// 3 | neurons twin | sort rte_hz
///   |                     ^^^^^^
/// help: did you mean `rate_hz`?
/// ```
public enum Diagnostic {
  /// Characters of a line to show around the place; lines of a recipe can be very long.
  private static let longest = 200

  /// - Parameter width: columns of the terminal, at which message and remedy are broken between words, commands in backticks
  ///   excepted; nil for no limit.
  public static func render(_ failure: Failure, sourceLine: String?, colour: Bool, width: Int? = nil) -> String {
    if failure.kind == .interrupted {
      let remedy = failure.hint.map { "; " + $0 } ?? ""
      return Escape.paint(SafeText.line(failure.message + remedy), .yellow, when: colour) + "\n"
    }
    func labelled(_ label: String, _ text: String) -> String {
      guard let width, width > 20 else { return " " + text + "\n" }
      let lines = WordWrap.wrapped(text, to: width - label.count - 1, indent: 0, keepsCommands: true)
      return " " + lines.joined(separator: "\n" + String(repeating: " ", count: label.count + 1)) + "\n"
    }
    var out = Escape.paint("error:", .bold, .red, when: colour) + labelled("error:", SafeText.line(failure.message))
    if let span = failure.span { out += place(span, sourceLine, colour, width) }
    if let hint = failure.hint {
      out += Escape.paint("help:", .bold, .cyan, when: colour) + labelled("help:", SafeText.line(hint))
    }
    return out
  }

  private static func place(_ span: SourceSpan, _ sourceLine: String?, _ colour: Bool, _ width: Int?) -> String {
    // Room for the line's number, the bar and the marks of what is left out.
    let longest = min(Self.longest, width.map { max(20, $0 - 15) } ?? Self.longest)
    let number = String(span.line)
    let margin = String(repeating: " ", count: number.count)
    let place = SafeText.line(span.source) + ":\(span.line):\(span.column)"
    let arrow = Escape.paint("-->", .blue, when: colour)
    guard let sourceLine else { return "\(margin)\(arrow) \(place)\n" }
    let all = Array(sourceLine)
    let start = min(max(0, span.column - 1), all.count)
    let first = all.count <= longest ? 0 : max(0, min(start - longest / 2, all.count - longest))
    let last = min(all.count, first + longest)
    let end = min(last, start + min(span.length, all.count))
    // Each character keeps one place, so that the caret's column is the sum of the widths before it.
    let shown = all[first..<last].map { $0.isNewline || $0 == "\t" ? " " : SafeText.line(String($0)) }
    let left = first > 0 ? "..." : ""
    let right = last < all.count ? "..." : ""
    let before = shown[..<(start - first)].reduce(left.count) { $0 + DisplayWidth.of($1) }
    let under = max(1, shown[(start - first)..<(end - first)].reduce(0) { $0 + DisplayWidth.of($1) })
    let bar = Escape.paint("|", .blue, when: colour)
    let carets = Escape.paint(String(repeating: "^", count: under), .bold, .red, when: colour)
    return """
      \(margin)\(arrow) \(place)
      \(margin) \(bar)
      \(Escape.paint(number, .blue, when: colour)) \(bar) \(left)\(shown.joined())\(right)
      \(margin) \(bar) \(String(repeating: " ", count: before))\(carets)

      """
  }
}
