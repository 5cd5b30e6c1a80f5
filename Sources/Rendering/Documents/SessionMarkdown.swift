import Base

/// A session as Markdown: commands and figures in code fences, tables as tables.
public enum SessionMarkdown {
  public static func render(_ document: SessionDocument) -> String {
    var parts = ["# \(MarkdownText.escaped(document.title))\n"]
    parts.append((document.facts + [document.summary]).map { "- \(MarkdownText.escaped($0))\n" }.joined())
    parts += document.entries.flatMap(entry)
    return parts.joined(separator: "\n")
  }

  private static func entry(_ entry: SessionDocument.Entry) -> [String] {
    let facts = [entry.status, SessionDocument.time(entry.started), entry.seconds.map(NumberText.duration)]
    var parts = ["## Entry \(entry.number)\n", facts.compactMap(\.self).joined(separator: ", ") + "\n"]
    parts.append(fenced(SafeText.block(entry.command), as: "vcsh"))
    let result = output(entry.result)
    if !result.isEmpty { parts.append(result) }
    if let remark = entry.remark { parts.append("*\(MarkdownText.escaped(remark))*\n") }
    if let error = entry.error { parts.append("> **error:** \(MarkdownText.escaped(error))\n") }
    let provenance = entry.provenance
    if !provenance.isEmpty {
      parts.append("<details><summary>Inputs and outputs</summary>\n")
      let rows = provenance.map { row in
        "| "
          + [row.what, row.which, row.size, row.fingerprint].map(MarkdownText.escaped).joined(separator: " | ")
          + " |\n"
      }
      parts.append("| what | which | size | fingerprint (SHA-256) |\n| --- | --- | --- | --- |\n" + rows.joined())
      parts.append("</details>\n")
    }
    return parts
  }

  private static func output(_ value: Value) -> String {
    switch value {
    case .string(let text): fenced(SafeText.block(text), as: "text")
    case .report(let report):
      // Two levels down: the document and the entry have the first two.
      MarkdownText.render(report, level: 3)
    case .table(let table): MarkdownText.render(cut(table))
    case .list(let values): Tabulation.table(values).map { MarkdownText.render(cut($0)) } ?? MarkdownText.render(value)
    default: MarkdownText.render(value)
    }
  }

  /// The first rows of a long table, with a note that counts all of them.
  static func cut(_ table: Table) -> Table {
    let limit = SessionDocument.maximumRows
    guard table.rowCount > limit else { return table }
    var shown = table.gathering(Array(0..<limit))
    shown.note = (["\(limit) of \(table.rowCount) rows shown"] + [table.note].compactMap(\.self)).joined(
      separator: "; ")
    return shown
  }

  /// A code fence that is longer than any in the text.
  private static func fenced(_ text: String, as kind: String) -> String {
    let longest = text.matches(of: /`+/).map { $0.0.count }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)\(kind)\n\(text.hasSuffix("\n") ? String(text.dropLast()) : text)\n\(fence)\n"
  }
}
