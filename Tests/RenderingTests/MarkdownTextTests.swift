import Base
import Rendering
import Testing

@Suite struct MarkdownTextTests {
  private func markdown(_ value: Value) -> String { Renderer(.batch(.markdown)).render(value) }

  @Test("Numbers are aligned right, and vertical bars are escaped")
  func numbersAreAlignedRightAndBarsEscaped() {
    let table = Table([Column("name", ["a|b", nil]), Column("r", [0.51234, 0.25])], note: "on val")
    #expect(
      markdown(.table(table)) == """
        | name | r |
        | --- | ---: |
        | a\\|b | 0.5123 |
        | - | 0.2500 |

        on val

        """)
  }

  @Test("A report has headings")
  func aReportHasHeadings() {
    let report = Report("Cell 17", [.init("Notes", .lines(["one"])), .init("", .fields(Record([("a", .int(1))])))])
    #expect(
      markdown(.report(report)) == "# Cell 17\n\n## Notes\n\none  \n\n| name | value |\n| --- | --- |\n| a | 1 |\n")
  }
}
