import Base
import Foundation
import FoundationXML
import Rendering
import TestSupport
import Testing

@Suite("Plots of tables")
struct TablePlotTests {
  let table = Table([
    Column("cid", [1, 2, 3, 4]), Column("session", ["a", "b", "a", nil]),
    Column("rate_hz", [1, 10, 100, nil], unit: "Hz"), Column("nll", [0.5, .nan, .infinity, 0.25], unit: "nats/bin"),
    Column("lag", [0, 1, 2, 3]),
  ])

  func figure(_ table: Table? = nil, _ set: (inout TablePlot) -> Void) throws -> Figure {
    var plot = TablePlot()
    set(&plot)
    return try plot.figure(of: table ?? self.table)
  }

  func failure(_ set: (inout TablePlot) -> Void) -> TablePlot.Problem? {
    let problem = #expect(throws: TablePlot.Problem.self) { try figure(nil, set) }
    #expect(problem?.failure.hint != nil)
    return problem
  }

  @Test("Two columns of numbers give a scatter plot; undefined ones are left out and counted")
  func scatter() throws {
    let found = try figure {
      $0.x = "rate_hz"
      $0.y = "nll"
    }
    #expect(found.series == [.init("negative log-likelihood (nats/bin)", x: [1], y: [0.5], style: .points)])
    #expect(found.note == "1 row; 3 skipped: undefined")
    #expect(found.xLabel == "firing rate (Hz)" && found.yLabel == "negative log-likelihood (nats/bin)")
  }

  @Test("A column that is named like its unit is labelled with what it measures")
  func quantity() throws {
    let table = Table([Column("hz", [0.5, 1.5], unit: "Hz"), Column("ms", [1.25, 2.5], unit: "ms")])
    let found = try figure(table) {
      $0.x = "hz"
      $0.y = "ms"
    }
    #expect(found.xLabel == "frequency (Hz)" && found.yLabel == "time (ms)")
  }

  @Test("Against whole numbers in equal steps a column is a line; against cell ids it is a scatter plot")
  func suggestedKind() throws {
    #expect(
      try figure {
        $0.x = "lag"
        $0.y = "rate_hz"
      }.series.first?.style == .line)
    #expect(
      try figure {
        $0.x = "cid"
        $0.y = "rate_hz"
      }.series.first?.style == .points)
    #expect(try figure { $0.y = "rate_hz" }.series.first?.style == .bars)
    #expect(
      try figure {
        $0.x = "cid"
        $0.y = "rate_hz"
        $0.kind = .line
      }.series.first?.style == .line)
  }

  @Test("A single text column is counted; with a second column it names the bars of its means")
  func bars() throws {
    let counted = try figure { $0.y = "session" }
    #expect(counted.xNames == ["a", "b", "-"] && counted.series.first?.y == [2, 1, 1])
    let means = try figure {
      $0.x = "session"
      $0.y = "rate_hz"
    }
    #expect(means.xNames == ["a", "b"] && means.series.first?.y == [50.5, 10])
    #expect(means.yLabel == "mean firing rate (Hz)")
    let turned = try figure {
      $0.x = "rate_hz"
      $0.y = "session"
    }
    #expect(turned.series == means.series)
  }

  @Test("Groups are series in the order of first mention; of more than six the largest are shown")
  func groups() throws {
    let found = try figure {
      $0.x = "cid"
      $0.y = "lag"
      $0.by = "session"
    }
    #expect(found.series.map(\.name) == ["a", "b", "-"])
    #expect(found.series.first?.x == [1, 3])
    let many = Table([
      Column("g", (0..<20).map { "g\($0 < 12 ? $0 : 9)" }), Column("v", (0..<20).map { Double($0) }),
    ])
    let cut = try figure(many) {
      $0.y = "v"
      $0.by = "g"
    }
    #expect(cut.series.count == 6 && cut.series.contains { $0.name == "g9" })
    #expect(cut.note == "20 rows; the 6 largest of 12 groups by g are shown")
  }

  @Test("A logarithmic axis leaves out values that are not above zero, counts them, and has ticks at powers of ten")
  func logarithm() throws {
    let values = Table([Column("x", [0.01, 1, 100, 0, -5]), Column("y", [1.0, 2, 3, 4, 5])])
    let found = try figure(values) {
      $0.x = "x"
      $0.y = "y"
      $0.xIsLogarithmic = true
    }
    #expect(found.series.first?.x == [0.01, 1, 100])
    #expect(found.note == "3 rows; 2 skipped: not above 0 on a logarithmic axis")
    let drawn = TextFigure.draw(found, width: 60, height: 6, unicode: false)
    let numbers = drawn.first { $0.contains("0.01") }?.split(separator: " ").map(String.init)
    #expect(numbers == ["0.01", "0.1", "1", "10", "100"])
    // The middle value lies in the middle of the drawing.
    let row = try #require(drawn.first { $0.contains("2.0 +") || $0.contains("2 +") })
    #expect(abs((row.firstIndex(of: "*").map { row.distance(from: row.startIndex, to: $0) } ?? 0) - 31) <= 2)
  }

  @Test("A histogram counts every value once, in bins with round edges")
  func histogram() throws {
    let values = (0..<1000).map { Double($0) / 1000 }
    let found = try figure(Table([Column("v", values)])) { $0.y = "v" }
    let series = try #require(found.series.first)
    #expect(series.y.reduce(0, +) == 1000)
    let width = series.x[1] - series.x[0]
    #expect(abs(series.x[0] - width / 2) < 1e-12 && abs(width * 10 - (width * 10).rounded()) < 1e-9)
    let chosen = try figure(Table([Column("v", values)])) {
      $0.y = "v"
      $0.bins = 7
    }
    #expect(chosen.series.first?.y.count == 7 && chosen.series.first?.y.reduce(0, +) == 1000)
    let whole = try figure(Table([Column("n", [1, 1, 2, 5])])) { $0.y = "n" }
    #expect(whole.series.first?.x == [1, 2, 3, 4, 5] && whole.series.first?.y == [2, 1, 0, 0, 1])
    let constant = try figure(Table([Column("v", [3.5, 3.5])])) { $0.y = "v" }
    #expect(constant.series.first?.y == [2])
  }

  @Test("A heat map counts rows over two columns, or averages a third column over names")
  func heat() throws {
    let counted = try figure(Table([Column("x", [0.0, 1, 1]), Column("y", [0.0, 1, 1])])) {
      $0.x = "x"
      $0.y = "y"
      $0.kind = .heat
      $0.bins = 2
    }
    let map = try #require(counted.map)
    #expect(map.rows == 1 && map.columns == 2 && map.values == [1, 2])
    #expect(map.xRange == 0...1)
    let means = try figure {
      $0.x = "session"
      $0.y = "session"
      $0.z = "rate_hz"
    }
    #expect(means.map?.columnNames == ["a", "b", "-"] && means.map?.values[0] == 50.5)
    #expect(means.map?.values[1].isNaN == true && means.map?.label == "mean firing rate (Hz)")
  }

  @Test("A plot that can't be drawn is refused with a remedy and the wrong argument")
  func refusals() {
    #expect(failure { $0.y = "ratehz" }?.failure.hint == "did you mean `rate_hz`?")
    #expect(
      failure {
        $0.x = "lag"
        $0.y = "session"
        $0.kind = .scatter
      }?.role == .y)
    #expect(
      failure {
        $0.x = "lag"
        $0.y = "nll"
        $0.kind = .hist
      }?.role == .kind)
    #expect(
      failure {
        $0.y = "nll"
        $0.kind = .heat
      }?.role == .kind)
    #expect(
      failure {
        $0.x = "lag"
        $0.y = "nll"
        $0.z = "nll"
        $0.kind = .line
      }?.role == .z)
    #expect(failure { _ in }?.failure.message == "choose columns: the table has 3 with numbers")
  }

  @Test("Unusual tables are drawn within the width and without control characters")
  func oddTables() throws {
    let huge = Table([
      Column("name", ["日本", "a\u{1b}[31m", "a very long name that does not fit anywhere at all", nil]),
      Column("a", [1e308, -1e308, .nan, 0]), Column("b", [Double.leastNonzeroMagnitude, 0, -1, .infinity]),
      Column("n", [Int.max, Int.min, nil, 0]),
    ])
    var drawn = 0
    for kind in TablePlot.Kind.allCases {
      for (x, y) in [("a", "b"), ("name", "a"), ("n", "a"), ("name", "name"), (nil, "n"), (nil, "a"), (nil, "name")] {
        for isLogarithmic in [false, true] {
          let found: Figure
          do {
            found = try figure(huge) { plot in
              plot.x = x
              plot.y = y
              plot.kind = kind
              plot.yIsLogarithmic = isLogarithmic
              plot.xIsLogarithmic = isLogarithmic
            }
          } catch let problem as TablePlot.Problem {
            #expect(problem.failure.hint != nil, "\(kind) \(x ?? "") \(y)")
            continue
          }
          drawn += 1
          for width in [24, 80] {
            let lines = TextFigure.draw(found, width: width, height: 6, unicode: false)
            #expect(
              !lines.isEmpty && lines.allSatisfy { DisplayWidth.of($0) <= width },
              "\(kind) \(x ?? "") \(y) \(lines)")
            #expect(!lines.joined().contains("\u{1b}"))
            _ = TextFigure.draw(found, width: width, height: 6, unicode: true, colour: true)
          }
        }
      }
    }
    // Of 7 choices of columns, 5 kinds and 2 scales; the others have no such plot.
    #expect(drawn == 34)
    #expect(
      TextFigure.draw(try figure(Table([Column("v", [Double?]())])) { $0.y = "v" }, width: 40, height: 5, unicode: true)
        .contains("no data"))
  }

  @Test("Bars with names are horizontal, negative ones to the left")
  func sideways() throws {
    let values = Table([Column("name", ["up", "down", "none"]), Column("v", [2.0, -1, 0])])
    let lines = TextFigure.draw(
      try figure(values) {
        $0.x = "name"
        $0.y = "v"
      }, width: 30, height: 5, unicode: false)
    #expect(
      lines == [
        "v against name", "v", "up          |############## 2", "down #######| -1", "none        | 0", "3 rows",
      ])
  }

  @Test("Every kind is drawn, also with logarithms and names", arguments: TablePlot.Kind.allCases)
  func drawn(kind: TablePlot.Kind) throws {
    let values = Table([
      Column("name", (0..<60).map { "it's <\($0 % 3)>" }), Column("x", (0..<60).map { pow(10, Double($0) / 20) }),
      Column("y", (0..<60).map { Double(1 + $0 % 7) }),
    ])
    let found = try figure(values) { plot in
      plot.kind = kind
      plot.y = "y"
      switch kind {
      case .hist:
        plot.y = "x"
        plot.xIsLogarithmic = true
      case .bar:
        plot.x = "name"
      case .heat:
        plot.x = "name"
      case .line, .scatter:
        plot.x = "x"
        plot.xIsLogarithmic = true
        plot.by = "name"
      }
    }
    let svg = SVGFigure(found).text
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(svg.contains(">60 rows"))
    if kind != .hist { #expect(svg.contains("it&#39;s &lt;2&gt;")) } else { #expect(svg.contains(">100<")) }
  }
}
