import Base
import Foundation
import FoundationXML
import Rendering
import TestSupport
import Testing

@Suite("The line of equality")
struct DiagonalTests {
  private let table = Table([
    Column("before", [0.0, 1, 2, 10, nil]), Column("after", [1.0, 2, 1, 10, 3]),
    Column("name", ["a", "b", "a", "b", "a"]),
  ])

  private func figure(_ set: (inout TablePlot) -> Void = { _ in }) throws -> Figure {
    var plot = TablePlot()
    plot.x = "before"
    plot.y = "after"
    plot.hasDiagonal = true
    set(&plot)
    return try plot.figure(of: table)
  }

  @Test("The note counts the rows on both sides of the diagonal, without those on it")
  func counted() throws {
    let figure = try figure()
    #expect(figure.hasDiagonal && figure.note == "4 rows; 1 skipped: undefined; 2 above the diagonal, 1 below")
  }

  @Test("A diagonal needs two columns of numbers on the same scale")
  func refused() throws {
    func failure(_ set: (inout TablePlot) -> Void) -> TablePlot.Problem? {
      #expect(throws: TablePlot.Problem.self) { try figure(set) }
    }
    #expect(failure { $0.xIsLogarithmic = true }?.failure.hint == "write --log xy")
    #expect(failure { $0.x = nil }?.role == .diagonal)
    #expect(failure { $0.kind = .heat }?.role == .diagonal)
    #expect(
      try figure {
        $0.xIsLogarithmic = true
        $0.yIsLogarithmic = true
      }.series.first?.x == [1, 2, 10])
  }

  @Test("As text, both axes have the same range, and a dotted diagonal lies below the points")
  func text() throws {
    let lines = TextFigure.draw(try figure(), width: 40, height: 10, unicode: false)
    let area = lines.filter { $0.contains("+ ") || $0.contains("|") || $0.contains("+.") || $0.contains("+*") }
    let top = try #require(area.first)
    #expect(top.hasPrefix("10") && top.hasSuffix("*"), "the last point lies in the corner")
    #expect(area.filter { $0.contains(".") }.count >= 8)
    let numbers = try #require(lines.first { $0.hasPrefix("    0") || $0.hasPrefix("   0") })
    #expect(numbers.split(separator: " ").map(String.init).first == "0" && numbers.hasSuffix("10"))
  }

  @Test("As SVG, the area is square with a line from corner to corner, on linear and logarithmic axes")
  func svg() throws {
    for isLogarithmic in [false, true] {
      let figure = try figure {
        $0.xIsLogarithmic = isLogarithmic
        $0.yIsLogarithmic = isLogarithmic
      }
      let svg = SVGFigure(figure).text
      let line = try #require(
        svg.firstMatch(of: /<path d="M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)"[^>]*stroke-dasharray="4 4"\/>/))
      let ends = [line.1, line.2, line.3, line.4].compactMap { Double($0) }
      #expect(ends.count == 4 && ends[2] - ends[0] == ends[1] - ends[3] && ends[2] > ends[0])
      // The point at (10, 10) lies on it.
      let points = try #require(svg.firstMatch(of: /<path d="([^"]*h0)"/)).1
      let last = try #require(points.matches(of: /M([0-9.]+) ([0-9.]+)h0/).last)
      let (x, y) = (try #require(Double(last.1)), try #require(Double(last.2)))
      #expect(abs((x - ends[0]) - (ends[1] - y)) < 0.02)
      #expect(XMLParser(data: Data(svg.utf8)).parse())
    }
    var plain = try figure()
    plain.hasDiagonal = false
    #expect(!SVGFigure(plain).text.contains("stroke-dasharray=\"4 4\""))
  }

  @Test("JSON contains the diagonal")
  func json() throws {
    #expect(JSONText.record(try figure())["diagonal"] == .bool(true))
    #expect(JSONText.record(Figure("plain"))["diagonal"] == nil)
  }
}
