import Rendering
import Terminal
import Testing

@Suite("The area of a running entry's view")
struct LiveAreaTests {
  /// A screen of a size, a clock that tests turn, and what was written.
  private final class Stage {
    var size = (columns: 20, rows: 6)
    var seconds = 0.0
    var written: [String] = []
    lazy var area = LiveArea(
      size: { [unowned self] in size }, write: { [unowned self] in written.append($0) },
      seconds: { [unowned self] in seconds })

    func draw(_ text: String) {
      seconds += 1
      area.draw { _ in text }
    }
  }

  @Test("A view is drawn over the one before it, however many lines each has")
  func replaced() {
    let stage = Stage()
    stage.draw("a\nb\n")
    stage.draw("c\n")
    stage.draw("d")
    stage.area.clear()
    stage.area.clear()
    let up = Escape.eraseLines
    #expect(stage.written == ["a\nb\n", up(2) + "c\n", up(1) + "d\n", up(1)])
  }

  @Test("Wrapped lines count as several, at the current width")
  func wrapped() {
    let stage = Stage()
    stage.draw(String(repeating: "x", count: 45) + "\ny\n")
    stage.size.columns = 50
    stage.area.clear()
    #expect(stage.written.last == Escape.eraseLines(2))
    stage.draw(String(repeating: "x", count: 45) + "\n")
    stage.size.columns = 20
    stage.area.clear()
    #expect(stage.written.last == Escape.eraseLines(3))
  }

  @Test("A view higher than the screen is cut, with the number of lines left out")
  func cut() {
    let stage = Stage()
    stage.draw("1\n2\n3\n4\n5\n")
    #expect(stage.written.last == "1\n2\n3\n4\n5\n")
    stage.area.clear()
    stage.draw("1\n2\n3\n4\n5\n6\n7\n")
    #expect(stage.written.last == "1\n2\n3\n4\n… 3 more lines\n")
    stage.area.clear()
    #expect(stage.written.last == Escape.eraseLines(5))
  }

  @Test("It is redrawn at most ten times a second, and asked for its text only then")
  func rate() {
    let stage = Stage()
    var asked = 0
    for step in 0..<100 {
      stage.seconds = Double(step) * 0.01
      stage.area.draw { columns in
        asked += 1
        return "\(columns)\n"
      }
    }
    #expect((9...10).contains(asked))
    #expect(stage.written.count == asked)
    stage.area.clear()
    stage.area.draw { _ in "at once\n" }
    #expect(stage.written.last == "at once\n")
  }
}
