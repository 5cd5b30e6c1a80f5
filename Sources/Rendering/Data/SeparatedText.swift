import Base

/// Comma- and tab-separated text: a header, then one line per row, numbers in full precision.
public enum SeparatedText {
  /// CSV quoted as in RFC 4180. Lines end in a line feed; an undefined entry is empty, an empty text is `""`.
  public static func csv(_ value: Value) -> String {
    lines(value, separator: ",") { text in
      let needsQuotes = text.isEmpty || text.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
      return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
  }

  /// Tab-separated; tabs, line breaks and backslashes inside text are written `\t`, `\n`, `\r`, `\\`.
  public static func tsv(_ value: Value) -> String {
    lines(value, separator: "\t") { text in
      guard text.utf8.contains(where: { [0x09, 0x0a, 0x0d, 0x5c].contains($0) }) else { return text }
      return text.replacing("\\", with: "\\\\").replacing("\t", with: "\\t").replacing("\n", with: "\\n")
        .replacing("\r", with: "\\r")
    }
  }

  private static func lines(_ value: Value, separator: String, escape: (String) -> String) -> String {
    guard let table = Tabulation.table(value) else { return "" }
    guard !table.columns.isEmpty else { return "" }
    var out = table.names.map(escape).joined(separator: separator) + "\n"
    for row in 0..<table.rowCount {
      for (index, column) in table.columns.enumerated() {
        if index > 0 { out += separator }
        switch column[row] {
        case .null: break
        case let entry: out += escape(entry.plainText)
        }
      }
      out += "\n"
    }
    return out
  }
}
