import Base

/// A remark beside a result, as a terminal or a log shows it.
public enum NoteText {
  /// `note: …` with control characters shown as text, broken between words where a line is wider than `width`.
  public static func render(_ text: String, width: Int?) -> String {
    let label = "note: "
    let lines = WordWrap.lines(SafeText.block(text), to: width.map { max(20, $0 - label.count) })
    let indent = String(repeating: " ", count: label.count)
    return label + lines.joined(separator: "\n" + indent) + "\n"
  }
}
