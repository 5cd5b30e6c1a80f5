import Base
import Foundation
import Jobs
import Rendering
import Testing

@Suite("Pictures in a terminal")
struct TerminalImageTests {
  @Test("For kitty, base64 is sent in chunks, all but the last marked as incomplete")
  func chunks() {
    #expect(
      TerminalImage.kitty(Data("abc".utf8), columns: 80) == "\u{1b}_Ga=T,f=100,c=80,q=2,m=0;YWJj\u{1b}\\")
    let large = Data((0..<7000).map { UInt8($0 % 251) })
    let codes = TerminalImage.kitty(large, columns: 80).split(separator: "\u{1b}\\")
    #expect(codes.count == 3)
    #expect(codes.map { $0.contains("m=1") } == [true, true, false])
    let chunks = codes.compactMap { $0.split(separator: ";", maxSplits: 1).last }
    #expect(chunks.allSatisfy { $0.utf8.count <= 4096 } && chunks.dropLast().allSatisfy { $0.utf8.count % 4 == 0 })
    #expect(Data(base64Encoded: chunks.joined()) == large)
  }

  @Test("A terminal's answer ends with its device attributes, and gives the protocol")
  func answers() {
    #expect(ImageProtocol.answered("\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[?62;c") == .kitty)
    #expect(ImageProtocol.answered("\u{1b}_Gi=31;ENOTSUPPORTED\u{1b}\\\u{1b}[?64;1;4;22c") == .sixel)
    #expect(ImageProtocol.answered("\u{1b}[?64;14;44c") == nil)
    #expect(ImageProtocol.answered("") == nil)
    #expect(!ImageProtocol.isAnswered(by: "\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[?6"))
    #expect(ImageProtocol.isAnswered(by: "\u{1b}[?6c"))
  }

  @Test(
    "A figure is a picture where the terminal supports it, otherwise text",
    .enabled(if: SVGConversion.isAvailable && ExternalProgram.path(of: "img2sixel") != nil))
  func drawn() {
    let figure = Figure("", xLabel: "x", series: [.init("s", x: [0, 1], y: [0, 1])])
    func shown(_ kind: ImageProtocol?, width: Int = 100) -> String {
      var options = RenderOptions(width: width)
      options.images = { kind }
      return Renderer(options).render(.report(Report("", [.init("", .figure(figure))])))
    }
    #expect(shown(.kitty).hasPrefix("\u{1b}_Ga=T") && TerminalImage.isIn(shown(.kitty)))
    #expect(shown(.sixel).hasPrefix("\u{1b}P") && TerminalImage.isIn(shown(.sixel)))
    #expect(shown(.sixel, width: 60) == shown(nil, width: 60) && !TerminalImage.isIn(shown(nil)))
  }
}
