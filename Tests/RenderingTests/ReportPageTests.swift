import Base
import Rendering
import Testing

@Suite("Reports as pages and screens")
struct ReportPageTests {
  private static let hostile = "</script><script>alert(1)</script> <b> \"q\" & \u{1b}[31m"

  private static func map(_ title: String) -> Figure {
    Figure(title, map: Figure.Map(rows: 2, columns: 2, values: [0, 1, 2, 3], outline: [(0, 0), (1, 0), (1, 1)]))
  }

  private static let document = ReportDocument(
    title: "A \(hostile)", facts: ["fact \(hostile)"],
    chapters: [
      .init(
        "one", "First \(hostile)", findings: ["found \(hostile)"],
        parts: [
          .fields(Record([("file \(hostile)", .string(hostile))])),
          .table("scores \(hostile)", Table([Column("cid", [1, 2]), Column("why \(hostile)", [hostile, nil])])),
          .figures([Figure("drawn \(hostile)", series: [.init("s", x: [0, 1], y: [1, 2])])]),
        ], commands: ["eval twin on \(hostile)"]),
      .init(
        "two", "Second",
        parts: [
          .maps(
            "fields",
            (1...4).map {
              .init(title: "cell \($0)", caption: "caption \($0)", figures: [map("data \($0)"), map("model \($0)")])
            }), .folded("all of them", Table([Column("n", (0..<507).map { Optional($0) })])),
        ]),
    ])

  @Test("The page loads nothing from elsewhere and runs only its own script")
  func selfContained() {
    let page = ReportPage.render(Self.document)
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("src=") && !page.contains("url("))
    #expect(page.components(separatedBy: "<script").count == 2)
    #expect(!page.contains("<b>") && !page.contains("\u{1b}"))
    #expect(page == ReportPage.render(Self.document))
  }

  @Test("Chapters are linked; long tables fold and give their number of rows; commands are text")
  func chapters() {
    let page = ReportPage.render(Self.document)
    for text in [
      "<a href=\"#two\">Second</a>", "<section class=\"chapter\" id=\"two\" aria-labelledby=\"title-two\">",
      "<div class=\"output\" tabindex=\"0\" role=\"region\" aria-label=\"all of them\">",
      "<details><summary>all of them</summary>", "<caption>500 of 507 rows shown</caption>",
      "<pre class=\"command\"><code><span class=\"c\">eval</span> twin", "<figcaption>caption 4</figcaption>",
      "aria-label=\"cell 4: caption 4\"", ">model 4<",
    ] { #expect(page.contains(text), "\(text)") }
    #expect(page.components(separatedBy: "<polygon").count == 17, "an outline of two lines on each of eight maps")
  }

  @Test(
    "The screen shows the chapters' headings, three groups of maps and no folded table; the summary is the first chapter"
  )
  func screen() {
    let report = Self.document.report
    let headings = report.sections.map(\.heading)
    #expect(headings.first == "First \(Self.hostile)" && headings.contains("Second: fields: cell 1"))
    #expect(headings.filter { $0.hasPrefix("model") } == ["model 1", "model 2", "model 3"])
    #expect(!headings.contains { $0.contains("all of them") })
    #expect(Self.document.summary.sections == Array(report.sections.prefix(5)))
  }
}
