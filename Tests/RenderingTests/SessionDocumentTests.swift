import Base
import Foundation
import Rendering
import Testing

@Suite("Documents of sessions")
struct SessionDocumentTests {
  private static let hostile = "</script><script>alert(1)</script> <b> \"q\" 'a' & `c` | \u{1b}[31m\u{202e}"

  private static let document = SessionDocument(
    title: "A \(hostile)", facts: ["workspace \(hostile)"],
    entries: [
      .init(
        number: 12, command: "let s = eval twin on sim/gaborium --split val # \(hostile)", status: "ok",
        started: Date(timeIntervalSince1970: 1_700_000_000), seconds: 1.5,
        result: .table(
          Table(
            [
              Column("cid", [1, 2, 3]), Column("r", [0.5, nil, 0.25]), Column("name \(hostile)", ["a", nil, hostile]),
            ], note: hostile)), names: [hostile], written: [.init(path: hostile, byteCount: 7, digest: "abc")],
        inputs: [.init(role: "twin", detail: hostile, files: [.init(path: "t.ckpt", byteCount: 9, digest: "def")])]),
      .init(
        number: 13, command: "fail", status: "failed", started: Date(timeIntervalSince1970: 1_700_000_060), seconds: 75,
        error: "no \(hostile)", remark: "kept \(hostile)"),
      .init(
        number: 14, command: "plot", status: "ok", started: Date(timeIntervalSince1970: 1_700_000_070), seconds: nil,
        result: .report(
          Report(
            "both \(hostile)",
            [
              .init("first", .fields(Record([("a", .string(hostile))]))),
              .init(
                "drawn",
                .figure(Figure("figure \(hostile)", series: [.init(hostile, x: [0, 1], y: [1, 2])]))),
              .init("last", .lines([hostile])),
            ]))),
    ])

  @Test("The page begins with its contents, and folds failures; the notebook names its lexer")
  func contents() throws {
    let page = SessionPage.render(Self.document)
    let start = try #require(page.range(of: "<nav class=\"contents\"")).lowerBound
    let first = try #require(page.range(of: "id=\"entry-12\"")).lowerBound
    #expect(start < first)
    let contents = try #require(page.firstMatch(of: /(?s)<nav class="contents".*?<\/nav>/)).0
    for number in [12, 13, 14] { #expect(contents.contains("<a href=\"#entry-\(number)\">")) }
    #expect(contents.matches(of: /class="status">failed/).count == 1)
    let failed = try #require(page.firstMatch(of: /(?s)id="entry-13".*?<\/section>/)).0
    #expect(failed.contains("<details class=\"wrong\"><summary>") && failed.contains("class=\"failure\""))
    #expect(page.matches(of: /<details class="wrong">/).count == 1)
    #expect(try SessionNotebook.render(Self.document).contains("\"pygments_lexer\" : \"vcsh\""))
  }

  @Test("The page loads nothing from elsewhere and runs only its own script")
  func selfContained() {
    let page = SessionPage.render(Self.document)
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("src=") && !page.contains("url("))
    #expect(page.components(separatedBy: "<script").count == 2)
    #expect(!page.contains("<b>") && !page.contains("\u{1b}") && !page.contains("\u{202e}"))
    #expect(
      page.contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt; &quot;q&quot; &#39;a&#39; &amp;"))
  }

  @Test("The page shows every entry: number, command, time, duration, status, output, failure, provenance")
  func page() {
    let page = SessionPage.render(Self.document)
    for text in [
      "<section class=\"entry ok\" id=\"entry-12\"", "<span class=\"c\">eval</span>",
      "<span class=\"f\">--split</span>", "2023-11-14 22:13:20 UTC · 1.50 s", "1 min 15 s",
      "<section class=\"entry failed\" id=\"entry-13\"", "<p class=\"failure\"><strong>error:</strong> no &lt;/script",
      "<caption>3 rows</caption>", "<td class=\"number\" data-value=\"0.25\">", "<td class=\"number null\">-</td>",
      "<figure>\n<svg", "<summary>Inputs and outputs</summary>",
      "<td>t.ckpt</td><td>9 B</td><td><code>def</code></td>",
      "3 entries, 1 failed, 1 min 17 s", "prefers-color-scheme: dark", "@media print",
    ] { #expect(page.contains(text), "\(text)") }
  }

  @Test("Below a long table, the page and Markdown give the number of its shown rows")
  func truncated() {
    let rows = SessionDocument.maximumRows + 7
    let table = Table([Column("n", (0..<rows).map { Optional($0) })])
    let document = SessionDocument(
      title: "t",
      entries: [.init(number: 1, command: "x", status: "ok", started: .distantPast, seconds: 0, result: .table(table))])
    let page = SessionPage.render(document)
    #expect(page.contains("<caption>500 of 507 rows shown</caption>"))
    #expect(page.components(separatedBy: "<tr><td").count == 501)
    #expect(SessionMarkdown.render(document).contains("\n500 of 507 rows shown\n"))
  }

  @Test("The same session gives the same document in every format")
  func stable() throws {
    #expect(SessionPage.render(Self.document) == SessionPage.render(Self.document))
    #expect(SessionMarkdown.render(Self.document) == SessionMarkdown.render(Self.document))
    #expect(try SessionNotebook.render(Self.document) == SessionNotebook.render(Self.document))
  }

  @Test("Markdown has commands in fences that their text can't close, and escapes the data")
  func markdown() {
    let entry = SessionDocument.Entry(
      number: 1, command: "print '```'", status: "ok", started: .distantPast, seconds: 0, result: .string("a\n````\nb"))
    let text = SessionMarkdown.render(SessionDocument(title: "t", entries: [entry]))
    #expect(text.contains("````vcsh\nprint '```'\n````\n"))
    #expect(text.contains("`````text\na\n````\nb\n`````\n"))
    let hostile = SessionMarkdown.render(Self.document)
    #expect(!hostile.contains("# A </script>") && hostile.contains("# A \\</script\\>"))
    #expect(hostile.contains("| cid | r |") && hostile.contains("> **error:** no"))
  }

  @Test("A notebook has a cell for each entry, with tables, figures and failures as outputs")
  func notebook() throws {
    let text = try SessionNotebook.render(Self.document)
    let notebook = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(notebook["nbformat"] as? Int == 4 && notebook["nbformat_minor"] as? Int == 5)
    let metadata = try #require(notebook["metadata"] as? [String: [String: String]])
    #expect(metadata["kernelspec"] == ["name": "vcsh", "display_name": "vcsh", "language": "vcsh"])
    let cells = try #require(notebook["cells"] as? [[String: Any]])
    #expect(cells.map { $0["cell_type"] as? String } == ["markdown", "code", "code", "code"])
    let ids = cells.compactMap { $0["id"] as? String }
    #expect(Set(ids).count == 4 && ids.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9_-]{1,64}/) != nil })
    #expect(cells[1]["execution_count"] as? Int == 12)
    let outputs = try cells.dropFirst().map { try #require($0["outputs"] as? [[String: Any]]) }
    #expect(outputs[0].map { $0["output_type"] as? String } == ["execute_result"])
    #expect(outputs[1].map { $0["output_type"] as? String } == ["stream", "error"])
    #expect(outputs[2].map { $0["output_type"] as? String } == ["display_data", "display_data", "display_data"])
    let kinds = outputs[2].map { Set(($0["data"] as? [String: Any] ?? [:]).keys) }
    #expect(kinds == [["text/plain", "text/html"], ["text/plain", "image/svg+xml"], ["text/plain", "text/html"]])
  }
}
