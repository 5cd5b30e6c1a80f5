import Base
import Rendering
import Testing

@Suite struct TextFigureTests {
  private let ramp = Figure(
    "ramp", xLabel: "time", yLabel: "Hz", series: [.init("rate", x: [0, 1, 2, 3, 4], y: [0, 1, 2, 3, 4])])

  private func draw(_ figure: Figure, width: Int = 40, height: Int = 6, unicode: Bool = true) -> [String] {
    TextFigure.draw(figure, width: width, height: height, unicode: unicode)
  }

  @Test("A ramp is drawn with title, axes and numbers")
  func aRampIsDrawnWithTitleAxesAndNumbers() {
    #expect(
      draw(ramp, width: 24, height: 5, unicode: false).joined(separator: "\n") == """
        ramp
        Hz
        4 +                 ****
          |            *****
        2 +        *****
          |   *****
        0 +****
          ++---------+---------+
           0         2         4
                   time
        """)
  }

  @Test("A rising line rises on the screen")
  func aRisingLineRisesOnTheScreen() throws {
    let rows = draw(ramp, width: 60, height: 8).dropFirst(2).prefix(8)
    let starts = rows.map { row in
      let plot = Array(row.drop { $0 != "│" && $0 != "┤" }.dropFirst())
      return plot.firstIndex { $0 != " " } ?? -1
    }
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("No line is wider than the given width", arguments: [(24, 3), (40, 6), (80, 12), (200, 30)])
  func nothingIsWiderThanAsked(_ width: Int, _ height: Int) {
    for figure in Self.oddFigures {
      for unicode in [true, false] {
        let lines = draw(figure, width: width, height: height, unicode: unicode)
        #expect(!lines.isEmpty && lines.allSatisfy { DisplayWidth.of($0) <= width }, "\(figure.title)")
        if !unicode { #expect(lines.joined().utf8.allSatisfy { $0 < 0x80 }, "\(figure.title)") }
      }
    }
  }

  @Test("A figure without finite points is its title and `no data`")
  func figuresWithoutFinitePointsSaySo() {
    for figure in [
      Figure("a"), Figure("a", series: [.init("s", x: [], y: [])]),
      Figure("a", series: [.init("s", x: [1, .nan], y: [.nan, 1], style: .bars)]),
      Figure("a", map: .init(rows: 1, columns: 2, values: [.nan, .infinity])),
      Figure("a", map: .init(rows: 0, columns: 0, values: [])),
    ] { #expect(draw(figure) == ["a", "no data"]) }
  }

  @Test("Undefined points leave a gap")
  func undefinedPointsLeaveAGap() throws {
    let figure = Figure("", series: [.init("s", x: [0, 1, 2, 3, 4, 5], y: [1, 1, .nan, .nan, 1, 1])])
    let row = try #require(
      draw(figure, width: 60, height: 3).first {
        $0.contains("⠉") || $0.contains("⠒") || $0.contains("⠤") || $0.contains("⣀")
      })
    let plot = row.drop { $0 != "│" && $0 != "┤" }.dropFirst()
    #expect(plot.drop { $0 == " " }.split(separator: " ").count == 2)
  }

  @Test("Observed and predicted look different")
  func observedAndPredictedLookDifferent() {
    let x = (0..<20).map(Double.init)
    let figure = Figure(
      "", series: [.init("observed", x: x, y: x.map { 20 - $0 }, style: .steps), .init("predicted", x: x, y: x)])
    let text = draw(figure, width: 60, height: 8).joined(separator: "\n")
    #expect(text.contains("█"))
    #expect(text.unicodeScalars.contains { (0x2801...0x28ff).contains($0.value) })
    #expect(text.contains("▄█▆ observed") && text.contains("⠒⠒⠒ predicted"))
    let ascii = draw(figure, width: 60, height: 8, unicode: false).joined(separator: "\n")
    #expect(ascii.contains("### observed") && ascii.contains("ooo predicted"))
  }

  @Test("Bars below zero are drawn downwards")
  func barsBelowZeroHang() {
    let figure = Figure("", series: [.init("w", x: [1, 2], y: [1, -1], style: .bars)])
    let rows = draw(figure, width: 24, height: 4, unicode: false)
    let plot = rows.prefix(4).map { Array($0.drop { $0 != "|" && $0 != "+" }.dropFirst()) }
    #expect(plot[0].contains("#") && plot[3].contains("#"))
    #expect((plot[0].firstIndex(of: "#") ?? 0) < (plot[3].firstIndex(of: "#") ?? 0))
  }

  @Test("A map is shaded, with its range below")
  func aMapIsShadedWithItsRangeBelow() {
    let map = Figure.Map(rows: 2, columns: 3, values: [0, 1, 2, 3, 4, 5])
    #expect(
      draw(Figure("", map: map), unicode: false) == [
        "+------+", "|  ..::|", "|++####|", "+------+", "2 x 3   0 [ .:+#] 5",
      ])
  }

  @Test("An outline is drawn over the map")
  func anOutlineLiesOverTheMap() {
    let map = Figure.Map(
      rows: 4, columns: 4, values: Array(repeating: 0, count: 16), outline: [(x: 1, y: 1), (x: 2, y: 1), (x: 2, y: 2)])
    let lines = draw(Figure("", map: map), unicode: false)
    #expect(lines[1] == "|        |" && lines[4] == "|        |")
    #expect(lines[2].contains("o") && lines[3].contains("o"))
  }

  @Test("A map in colour has two pixels per character")
  func aMapInColourHasTwoPlacesInACharacter() {
    let map = Figure.Map(rows: 3, columns: 2, values: [0, 1, 2, 3, 4, 5], outline: [(x: 0, y: 0)])
    let lines = TextFigure.draw(Figure("", map: map), width: 40, height: 6, unicode: true, colour: true)
    #expect(
      lines.map(Escape.stripped) == [
        "┌──┐", "│▀▀│", "│▀▀│", "└──┘", "3 x 2   0 [black to white] 5", "outline in orange",
      ])
    // The mark over 2 of 5, then 1 of 5 over 3 of 5.
    #expect(lines[1].contains("38;5;214;48;5;241m▀") && lines[1].contains("38;5;236;48;5;246m▀"))
  }

  @Test("Large maps are averaged")
  func largeMapsAreAveraged() {
    let map = Figure.Map(rows: 51, columns: 51, values: (0..<2601).map(Double.init))
    let lines = draw(Figure("", map: map), width: 40, height: 12)
    #expect(lines.contains { $0.contains("each square averages 3 x 3 values") })
    #expect(lines.filter { $0.hasPrefix("│") }.count == 17)
  }

  @Test("Titles can't contain control characters")
  func titlesAreData() {
    #expect(draw(Figure("a\u{1b}[2J\n"))[0] == "a\\u{1b}[2J\\n")
  }

  @Test("Sparklines go from low to high")
  func sparklinesGoFromLowToHigh() {
    #expect(Sparkline.draw([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.draw([0, nil, .nan, 7]) == "▁  █")
    #expect(Sparkline.draw([2, 2]) == "▅▅")
    #expect(Sparkline.draw([]) == "")
    #expect(Sparkline.draw([-1.7e308, 1.7e308]) == "▁█")
  }

  @Test("Axes have ticks at round numbers")
  func axesTickAtRoundNumbers() throws {
    let axis = try #require(AxisScale([0.03, 0.97], isRounded: true, tickCount: 4))
    #expect(axis.low == 0 && axis.high == 1)
    #expect(axis.ticks.map(axis.label) == ["0.0", "0.5", "1.0"])
  }

  static let oddFigures: [Figure] = [
    Figure("empty"),
    Figure("one point", series: [.init("s", x: [5], y: [5])]),
    Figure("one bar", series: [.init("s", x: [5], y: [-5], style: .bars)]),
    Figure("constant", series: [.init("s", x: [0, 1], y: [3, 3], style: .steps)]),
    Figure("same x", series: [.init("s", x: [1, 1, 1], y: [1, 2, 3], style: .points)]),
    Figure("infinite", series: [.init("s", x: [0, 1, .infinity], y: [1, -.infinity, 2])]),
    Figure("huge", series: [.init("s", x: [0, 1], y: [-1.7e308, 1.7e308])]),
    Figure("huge x", series: [.init("s", x: [-1.7e308, 0, 1.7e308], y: [1, 2, 3], style: .bars)]),
    Figure("tiny", series: [.init("s", x: [0, 1], y: [.leastNonzeroMagnitude, 2 * .leastNonzeroMagnitude])]),
    Figure("far", series: [.init("s", x: [1e15, 1e15 + 1], y: [1e15, 1e15 + 1], style: .bars)]),
    Figure(
      "many", xLabel: "x",
      series: Figure.Style.all.map { .init($0.rawValue, x: [2, 1, 3], y: [.nan, 1, 2], style: $0) }),
    Figure(
      "map",
      map: .init(rows: 1, columns: 300, values: (0..<300).map(Double.init), outline: [(x: .nan, y: 1), (x: 1e9, y: 0)])),
    Figure("map of one", map: .init(rows: 1, columns: 1, values: [7])),
    Figure("map of huge", map: .init(rows: 1, columns: 2, values: [-1.7e308, 1.7e308])),
  ]
}

extension Figure.Style {
  fileprivate static let all: [Figure.Style] = [.line, .points, .bars, .steps]
}
