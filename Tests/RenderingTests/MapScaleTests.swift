import Base
import Foundation
import Rendering
import TestSupport
import Testing

@Suite("Scales of figures")
struct MapScaleTests {
  private func figure(_ values: [Double]) -> Figure {
    Figure("map", map: Figure.Map(rows: 1, columns: values.count, values: values))
  }

  @Test("A map of both signs has a symmetric diverging scale with a neutral zero; others have a sequential one")
  func signed() {
    let signed = SVGFigure(figure([-1, 0, 3])).text
    #expect(signed.contains("<path d=\"M1 0h1v1H1z\" fill=\"#f7f7f7\"/>"), "zero is neutral")
    #expect(signed.contains("<path d=\"M2 0h1v1H2z\" fill=\"#67001f\"/>"))
    #expect(!signed.contains("<path d=\"M0 0h1v1H0z\" fill=\"#053061\"/>"), "-1 is weaker than 3")
    let positive = SVGFigure(figure([0, 1, 2])).text
    #expect(positive.contains("fill=\"#440154\"") && positive.contains("fill=\"#fde725\""))
    let text = TextFigure.draw(figure([-1, 0, 3]), width: 40, height: 5, unicode: true).joined(separator: "\n")
    #expect(text.contains("-3 [⠿⠶⠒⠂ ░▒▓█] 3"), "\(text)")
  }

  @Test("Ticks have labels that differ, on any axis")
  func ticks() throws {
    for values in [[1_000_000.1, 1_000_000.4], [123_456_789, 123_456_790], [1e-12, 1.00001e-12], [0, 1], [-5, 5]] {
      let scale = try #require(AxisScale(values, isRounded: true, tickCount: 6))
      #expect(scale.ticks.count > 1 && Set(scale.ticks.map(scale.label)).count == scale.ticks.count, "\(values)")
    }
    let narrow = try #require(AxisScale(logarithms: [3.00001, 3.00002], isRounded: false, tickCount: 6))
    #expect(narrow.ticks.count > 1 && Set(narrow.ticks.map(narrow.label)).count == narrow.ticks.count)
  }

  @Test("A spectrum is drawn as lines, one for each group")
  func spectrum() throws {
    let hz = (0..<8).map { Double($0) * 60 / 7 }
    let table = Table([
      Column("kernel", ["a", "b"].flatMap { Array(repeating: Optional($0), count: 8) }),
      Column("hz", (hz + hz).map(Optional.init), unit: "Hz"),
      Column("power", (hz + hz).map { Optional($0 * $0) }),
    ])
    var plot = TablePlot()
    plot.x = "hz"
    plot.y = "power"
    plot.by = "kernel"
    #expect(try plot.figure(of: table).series.map(\.style) == [.line, .line])
    plot.by = nil
    #expect(try plot.figure(of: table).series.first?.style == .points, "it falls back in between")
  }

  @Test("An SVG file has the drawing that pages have; a missing folder is refused")
  func file() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let drawn = figure([-1, 0, 3])
    try FigureFile.write([drawn], to: folder + "/a.svg")
    #expect(try String(contentsOfFile: folder + "/a.svg", encoding: .utf8) == SVGFigure([drawn]).text)
    let failure = #expect(throws: Failure.self) { try FigureFile.write([drawn], to: folder + "/none/a.svg") }
    #expect(failure?.message.contains("there is no folder") == true)
  }
}
