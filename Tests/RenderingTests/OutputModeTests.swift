import Base
import Foundation
import Rendering
import TestSupport
import Testing

/// Cells that a careless writer breaks: markup, separators, quotes, controls, digits, nothing.
enum NastyCells {
  static let text = "a,b;\"c\"\t<td>&amp; 50% of $x_1$ #{~^}\\ |[z]\u{1b}[31m\u{7}\u{9b}\u{202e}é日"
  static let table = Table(
    [
      Column("name, \"quoted\" <b>_1", [text, "", nil]), Column("nll", [0.1 + 0.2, -1.25e-9, .nan], unit: "nats/bin"),
      Column("rate_hz", [1, nil, -3], unit: "Hz"), Column("ok", [true, false, nil]),
    ], note: "50% & <more>")
}

@Suite("Output modes")
struct OutputModeTests {
  func text(_ mode: OutputMode, _ value: Value = .table(NastyCells.table)) -> String {
    Renderer(.batch(mode)).render(value)
  }

  @Test("The list of modes contains each file of Modes/ once")
  func registry() throws {
    let folder = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/Rendering/Modes")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let declared = try files.compactMap {
      try String(contentsOf: $0, encoding: .utf8).firstMatch(of: /static let [a-z]+ = OutputMode\(\s*"([a-z]+)"/)
        .map { String($0.1) }
    }
    #expect(declared.count == files.count)
    #expect(declared.sorted() == AllOutputModes.names.sorted())
    #expect(Set(AllOutputModes.fileEndings).count == AllOutputModes.fileEndings.count)
  }

  @Test("For an unknown mode, the one that was probably meant is suggested")
  func wrongName() throws {
    #expect(try OutputMode.named("csv") == .csv)
    #expect(throws: Failure(.usage, "there is no output mode `latx`", hint: "did you mean `latex`?")) {
      try OutputMode.named("latx")
    }
    #expect(OutputMode.of(fileEnding: "TEX") == .latex)
    #expect(OutputMode.of(fileEnding: "xls") == nil)
  }

  @Test("On a terminal, no mode writes control characters of the data", arguments: AllOutputModes.all)
  func controls(mode: OutputMode) {
    let options = RenderOptions(mode: mode, width: 200)
    for value in [Value.table(NastyCells.table), .record(Record([(NastyCells.text, .string(NastyCells.text))]))] {
      let shown = Renderer(options).render(value)
      let hostile = shown.unicodeScalars.filter {
        $0.value < 0x20 && $0 != "\n" && $0 != "\t" || (0x7f..<0xa0).contains($0.value) || $0.value == 0x202e
      }
      #expect(hostile.isEmpty, "\(mode)")
      #expect(shown.contains("日"), "the rest of the data is there: \(mode)")
    }
  }

  @Test("CSV keeps every character and digit: an independent reader gets the same values")
  func csvRoundTrip() throws {
    let rows = Self.parsed(csv: text(.csv))
    #expect(rows[0] == ["name, \"quoted\" <b>_1", "nll", "rate_hz", "ok"])
    #expect(rows[1] == [NastyCells.text, "0.30000000000000004", "1", "true"])
    #expect(rows[2] == ["", "-1.25e-09", "", "false"])
    #expect(rows[3] == ["", "", "-3", ""])
    #expect(rows[1].count == 4 && Double(rows[2][1]) == -1.25e-9)
  }

  @Test("JSON keeps every character and digit, and has null for undefined values")
  func jsonRoundTrip() throws {
    for mode in [OutputMode.json, .jsonl] {
      let whole = mode == .json ? text(mode) : "[" + text(mode).split(separator: "\n").joined(separator: ",") + "]"
      let rows = try #require(try JSONSerialization.jsonObject(with: Data(whole.utf8)) as? [[String: Any]])
      #expect(rows.count == 3)
      #expect(rows[0]["name, \"quoted\" <b>_1"] as? String == NastyCells.text)
      #expect(whole.contains("\"nll\": 0.30000000000000004, ") && Double("0.30000000000000004") == 0.1 + 0.2)
      #expect(rows[1]["nll"] as? Double == -1.25e-9)
      #expect(rows[2]["nll"] is NSNull && rows[2]["ok"] is NSNull && rows[1]["rate_hz"] is NSNull)
    }
  }

  @Test("TSV has the right number of tabs, whatever the cells contain")
  func tsv() {
    let lines = text(.tsv).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.count { $0 == "\t" } == 3 })
  }

  @Test("Line mode writes names and values, with units that the name does not contain")
  func line() {
    let table = Table([Column("cid", [7, 8]), Column("nll", [0.25, nil], unit: "nats/bin")], note: "on val")
    #expect(
      text(.line, .table(table)) == """
                   cid = 7
        nll (nats/bin) = 0.2500

                   cid = 8
        nll (nats/bin) = -

        on val

        """)
    let options = RenderOptions(mode: .line, width: 80, maximumRows: 1)
    #expect(Renderer(options).render(.table(table)).contains("1 of 2 rows shown"))
  }

  @Test("Markdown escapes what would end a cell or begin markup")
  func markdown() {
    let lines = text(.markdown).split(separator: "\n")
    #expect(
      lines[0] == "| name, \"quoted\" \\<b\\>\\_1 | nll (nats/bin) | rate\\_hz | ok |".replacing("\\_", with: "_"))
    #expect(lines[2].contains("\\<td\\>") && lines[2].contains("\\|\\[z\\]"))
    #expect(lines.filter { $0.hasPrefix("|") }.allSatisfy { $0.replacing("\\|", with: "").count { $0 == "|" } == 5 })
  }

  @Test("HTML is well formed whatever the cells contain, and has full precision beside rounded numbers")
  func html() throws {
    let fragment = text(.html)
    #expect(fragment.contains("&lt;td&gt;&amp;amp; 50%"))
    #expect(fragment.contains("<th>name, &quot;quoted&quot; &lt;b&gt;_1</th>"))
    #expect(fragment.contains("<th class=\"number\">nll (nats/bin)</th><th class=\"number\">rate_hz</th>"))
    #expect(fragment.contains("data-value=\"0.30000000000000004\""))
    #expect(fragment.contains("<p class=\"note\">50% &amp; &lt;more&gt;</p>"))
    #expect(!Renderer(.batch(.html)).render(.string("<script>")).contains("<script>"))
    let page = Renderer(.batch(.html)).document(.table(NastyCells.table))
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("charset=\"utf-8\"") && page.hasSuffix("</html>\n"))
    let parser = XMLProbe()
    #expect(parser.isWellFormed(fragment))
  }

  @Test("LaTeX escapes its special characters and sets numbers in math")
  func latex() {
    let table = Table([Column("name_1", ["a & b_c 5% $x$ #1 {y} \\z ~ ^ [k]", nil]), Column("r", [-0.5, 0.25])])
    #expect(
      text(.latex, .table(table)) == """
        \\begin{tabular}{lr}
        \\hline
        name\\_1 & r \\\\
        \\hline
        a \\& b\\_c 5\\% \\$x\\$ \\#1 \\{y\\} \\textbackslash{}z \\textasciitilde{} \\textasciicircum{} {[}k] & $-0.5000$ \\\\
        -- & 0.2500 \\\\
        \\hline
        \\end{tabular}

        """)
    #expect(text(.latex, .table(Table([Column("p", [1.5e-12])]))).contains("$1.500\\times10^{-12}$"))
  }

  @Test("On a terminal, units are below the names that do not contain them; in a pipe there are none")
  func units() {
    let table = Table([
      Column("cid", [7]), Column("nll", [0.25], unit: "nats/bin"), Column("rate_hz", [1.5], unit: "Hz"),
    ])
    #expect(
      Renderer(RenderOptions(width: 80)).render(.table(table)) == """
        cid       nll  rate_hz
             nats/bin
        ───  ────────  ───────
          7    0.2500    1.500

        """)
    #expect(!text(.table, .table(table)).contains("nats"))
  }

  /// A reader of RFC 4180 that knows nothing of the writer.
  static func parsed(csv text: String) -> [[String]] {
    var rows: [[String]] = [[]]
    var cell = ""
    var isQuoted = false
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\"" where isQuoted && scalars.first == "\"":
        scalars.removeFirst()
        cell.unicodeScalars.append("\"")
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        rows[rows.count - 1].append(cell)
        cell = ""
      case "\n" where !isQuoted:
        rows[rows.count - 1].append(cell)
        cell = ""
        rows.append([])
      default: cell.unicodeScalars.append(scalar)
      }
    }
    rows.removeLast()
    return rows
  }
}

/// Tags of a fragment open and close in order, and no stray markup stands between them.
private struct XMLProbe {
  func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    for match in text.matches(of: /<(\/?)([a-z0-9]+)[^<>]*>/) {
      if match.1.isEmpty { open.append(match.2) } else if open.popLast() != match.2 { return false }
    }
    let rest = text.replacing(/<\/?[a-z0-9]+[^<>]*>/, with: "")
    return open.isEmpty && !rest.contains("<") && !rest.contains(">")
      && rest.matches(of: /&(?!(amp|lt|gt|quot|#39);)/).isEmpty
  }
}
