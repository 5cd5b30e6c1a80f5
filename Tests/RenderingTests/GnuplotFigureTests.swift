import Base
import Foundation
import Rendering
import TestSupport
import Testing

@Suite struct GnuplotFigureTests {
  private let figure = Figure(
    "it's `touch pwned` & <b> \"q\"", xLabel: "time (s)", yLabel: "Hz",
    series: [
      .init("obs <1>", x: [0, 1, 2, 3], y: [1, .nan, 3, .infinity], style: .steps),
      .init("pred", x: [0, 1, 2, 3], y: [1, 2, 3, 4]),
    ])

  @Test("The same figure gives the same SVG", .enabled(if: GnuplotFigure.isAvailable))
  func theSameFigureGivesTheSameSVG() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try GnuplotFigure.write([figure], to: folder + "/a.svg")
    try GnuplotFigure.write([figure], to: folder + "/b.svg")
    let first = try Data(contentsOf: URL(filePath: folder + "/a.svg"))
    #expect(first == (try Data(contentsOf: URL(filePath: folder + "/b.svg"))))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.svg", "b.svg"])
  }

  @Test("Titles can't contain gnuplot commands", .enabled(if: GnuplotFigure.isAvailable))
  func titlesAreTextAndNothingElse() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try GnuplotFigure.write([figure], to: folder + "/a.svg")
    let svg = try String(contentsOfFile: folder + "/a.svg", encoding: .utf8)
    #expect(svg.contains("it's `touch pwned` &amp; &lt;b"))
    #expect(svg.contains("obs &lt;1"))
    #expect(!FileManager.default.fileExists(atPath: folder + "/pwned"))
  }

  @Test("Empty and unusual figures are drawn in a grid", .enabled(if: GnuplotFigure.isAvailable))
  func oddFiguresAreDrawnInAGrid() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try GnuplotFigure.write(TextFigureTests.oddFigures, to: folder + "/odd.svg")
    let svg = try String(contentsOfFile: folder + "/odd.svg", encoding: .utf8)
    let missing = TextFigureTests.oddFigures.map(\.title).filter { !svg.contains(">\($0)<") }
    #expect(missing == [])
  }

  @Test(
    "The file name extension determines the format", .enabled(if: GnuplotFigure.isAvailable), arguments: ["png", "pdf"])
  func otherFormatsGoByExtension(
    _ type: String
  ) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try GnuplotFigure.write([figure], to: folder + "/a." + type)
    let head = try Data(contentsOf: URL(filePath: folder + "/a." + type)).prefix(4)
    #expect(head == Data(type == "png" ? [0x89, 0x50, 0x4e, 0x47] : Array("%PDF".utf8)))
  }

  @Test("An unknown extension is refused")
  func anUnknownExtensionIsRefused() {
    let failure = #expect(throws: Failure.self) { try GnuplotFigure.write([figure], to: "/tmp/figure.jpeg") }
    #expect(failure?.kind == .usage && failure?.hint?.contains(".svg") == true)
  }

  @Test("A missing folder is named", .enabled(if: GnuplotFigure.isAvailable))
  func aMissingFolderIsNamed() throws {
    let failure = #expect(throws: Failure.self) { try GnuplotFigure.write([figure], to: "/nonexistent/a.svg") }
    #expect(failure?.kind == .missing)
    #expect(failure?.message.contains("/nonexistent") == true)
  }
}
