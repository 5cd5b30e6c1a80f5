import Base
import Foundation
import Rendering
import TestSupport
import Testing

/// An interval around a line, in every drawing.
@Suite struct FigureBandTests {
  private var figure: Figure {
    var line = Figure.Series("data", x: [0, 1, 2, 3], y: [1, 2, 1, 2])
    line.band = .init(low: [0, 1, .nan, 1], high: [2, 9, .nan, 3])
    return Figure(
      "rate", xLabel: "ms", yLabel: "Hz", series: [line, .init("model", x: [0, 1, 2, 3], y: [1, 1, 1, 1])])
  }

  @Test("SVG shades a band in pieces, without its gap")
  func anSVGShadesItInPiecesWithoutTheGap() {
    let svg = SVGFigure(figure).text
    let shaded = svg.split(separator: "\n").filter { $0.contains("fill-opacity=\"0.2\"") }
    #expect(shaded.count == 1)
    // One piece over 0 and 1, another at 3.
    #expect(shaded.first?.split(separator: "M").count == 3)
    #expect(shaded.first?.contains("z") == true)
  }

  @Test("The axis covers the band")
  func theAxisHoldsIt() {
    #expect(SVGFigure(figure).text.contains(">10<"), "the first tick above 9")
    let text = TextFigure.draw(figure, width: 60, height: 10, unicode: true).joined(separator: "\n")
    #expect(text.contains("10 ┤"))
  }

  @Test("A text figure dots both ends of a band")
  func aTextFigureDotsItsEnds() {
    var plain = figure
    plain.series[0].band = nil
    plain.series.append(.init("top", x: [0], y: [9], style: .points))
    var banded = plain
    banded.series[0].band = figure.series[0].band
    func draw(_ figure: Figure) -> [String] {
      TextFigure.draw(figure, width: 60, height: 10, unicode: true)
    }
    func marks(_ lines: [String]) -> Int {
      lines.joined().unicodeScalars.count { (0x2801...0x28ff).contains($0.value) }
    }
    #expect(marks(draw(banded)) > marks(draw(plain)))
  }

  @Test("JSON contains both ends of a band")
  func jsonHoldsBothEnds() {
    let text = JSONText.encode(.record(JSONText.record(figure)))
    #expect(text.contains(#""low": [0.0, 1.0, null, 1.0], "high": [2.0, 9.0, null, 3.0]"#), "\(text)")
    #expect(text.components(separatedBy: "\"low\"").count == 2, "only one of the two lines has a band")
  }
}
