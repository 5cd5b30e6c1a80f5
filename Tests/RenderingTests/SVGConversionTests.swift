import Base
import Foundation
import Rendering
import TestSupport
import Testing

@Suite("Figures as PNG and PDF")
struct SVGConversionTests {
  private let figure = Figure(
    "it's `touch pwned` & <b> \"q\"", xLabel: "time (s)", yLabel: "Hz",
    series: [
      .init("obs <1>", x: [0, 1, 2, 3], y: [1, .nan, 3, .infinity], style: .bars),
      .init("pred", x: [0, 1, 2, 3], y: [1, 2, 3, 4]),
    ])

  private func inFolder(_ body: (_ folder: String) throws -> Void) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

  /// Width and height of a drawing, as it says itself.
  private func size(_ svg: String) throws -> (width: Double, height: Double) {
    let found = try #require(svg.firstMatch(of: /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/))
    return (try #require(Double(found.1)), try #require(Double(found.2)))
  }

  /// A program of its own in `folder`.
  private func program(_ script: String, in folder: String) throws -> SVGConversion {
    let path = folder + "/program"
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return try SVGConversion(path: path)
  }

  @Test(
    "A PNG shows the drawing on white, two pixels for each of its units", .enabled(if: SVGConversion.isAvailable))
  func png() throws {
    try inFolder { folder in
      try FigureFile.write([figure], to: folder + "/a.png")
      let image = try PNGImage(bytes(folder + "/a.png"))
      let drawn = try size(SVGFigure(figure).text)
      #expect(image.width == 2 * Int(drawn.width) && abs(Double(image.height) - 2 * drawn.height) <= 1)
      func count(_ colour: UInt32, lines: Range<Int>? = nil) -> Int {
        let lines = lines ?? 0..<image.height
        return image.pixels[lines.lowerBound * image.width..<lines.upperBound * image.width].count { $0 == colour }
      }
      #expect(image.pixels.first == 0xffffff && count(0xffffff) > image.pixels.count / 2)
      // The line is drawn in the second colour of the palette, the title in the colour of text.
      #expect(count(0xd55e00) > 200)
      #expect(count(0x222222, lines: 0..<60) > 300)
    }
  }

  @Test(
    "Where nothing but the title differs, the PNGs differ in the title's lines alone",
    .enabled(if: SVGConversion.isAvailable))
  func titles() throws {
    try inFolder { folder in
      var other = figure
      other.title = "something else"
      try FigureFile.write([figure], to: folder + "/a.png")
      try FigureFile.write([other], to: folder + "/b.png")
      let (a, b) = (try PNGImage(bytes(folder + "/a.png")), try PNGImage(bytes(folder + "/b.png")))
      let lines = Set(a.pixels.indices.filter { a.pixels[$0] != b.pixels[$0] }.map { $0 / a.width })
      #expect(!lines.isEmpty && lines.allSatisfy { $0 < 68 })
    }
  }

  @Test("A PDF has the shape of the drawing, and text as text", .enabled(if: SVGConversion.isAvailable))
  func pdf() throws {
    try inFolder { folder in
      try FigureFile.write([figure, figure], to: folder + "/a.pdf")
      let text = String(decoding: try bytes(folder + "/a.pdf"), as: UTF8.self)
      #expect(text.hasPrefix("%PDF") && text.contains("/ToUnicode"))
      let box = try #require(text.firstMatch(of: /MediaBox \[ ?0 0 ([0-9.]+) ([0-9.]+)/))
      let drawn = try size(SVGFigure([figure, figure]).text)
      let (width, height) = (try #require(Double(box.1)), try #require(Double(box.2)))
      #expect(abs(height / width - drawn.height / drawn.width) < 0.01)
    }
  }

  @Test(
    "The same figures give the same file, and nothing is left beside it", .enabled(if: SVGConversion.isAvailable),
    arguments: ["png", "pdf", "svg"])
  func same(ending: String) throws {
    try inFolder { folder in
      try FigureFile.write(TextFigureTests.oddFigures, to: folder + "/a.\(ending)")
      try FigureFile.write(TextFigureTests.oddFigures, to: folder + "/b.\(ending)")
      #expect(try bytes(folder + "/a.\(ending)") == bytes(folder + "/b.\(ending)"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.\(ending)", "b.\(ending)"])
    }
  }

  @Test("Without the program the failure names the package")
  func missing() {
    let failure = #expect(throws: Failure.self) { try SVGConversion(path: "/nonexistent/rsvg-convert") }
    #expect(failure?.message.hasSuffix("rsvg-convert is not installed") == true)
    #expect(failure?.hint?.contains("librsvg2-bin") == true)
  }

  @Test(
    "A program that fails, or writes something else, leaves the old file as it was",
    arguments: [
      ("for last; do :; done; printf half >\"$last\"; echo 'no room' >&2; exit 1", "no room"),
      ("kill -9 $$", "signal 9 ended it (Killed)"),
      ("exit 0", "it wrote no file"),
      ("for last; do :; done; echo text >\"$last\"", "what it wrote is no PNG file"),
    ])
  func failing(script: String, complaint: String) throws {
    try inFolder { folder in
      let old = Data("old".utf8)
      try old.write(to: URL(filePath: folder + "/a.png"))
      let conversion = try program(script, in: folder)
      let failure = #expect(throws: Failure.self) { try conversion.write("<svg/>", as: .png, to: folder + "/a.png") }
      #expect(failure?.message.hasSuffix("could not draw it: \(complaint)") == true, "\(failure?.message ?? "")")
      #expect(try bytes(folder + "/a.png") == old)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.png", "program"])
    }
  }

  @Test("An interrupted command ends the program and leaves the old file as it was", .timeLimit(.minutes(1)))
  func interrupted() throws {
    try inFolder { folder in
      let old = Data("old".utf8)
      try old.write(to: URL(filePath: folder + "/a.png"))
      let conversion = try program("touch \"$(dirname \"$0\")/ready\"\nsleep 300", in: folder)
      let cancellation = Cancellation()
      Thread {
        while !FileManager.default.fileExists(atPath: folder + "/ready") { usleep(1000) }
        cancellation.cancel()
      }.start()
      let failure = #expect(throws: Failure.self) {
        try Cancellation.$current.withValue(cancellation) {
          try conversion.write("<svg/>", as: .png, to: folder + "/a.png")
        }
      }
      #expect(failure == .interrupted)
      #expect(try bytes(folder + "/a.png") == old)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.png", "program", "ready"])
    }
  }

  @Test("An unknown extension is refused, and a missing folder is named")
  func refused() {
    let unknown = #expect(throws: Failure.self) { try FigureFile.write([figure], to: "/tmp/figure.jpeg") }
    #expect(unknown?.kind == .usage && unknown?.hint?.contains(".svg") == true)
    let folder = #expect(throws: Failure.self) { try FigureFile.write([figure], to: "/nonexistent/a.png") }
    #expect(folder?.message == "/nonexistent/a.png: there is no folder /nonexistent")
  }
}
