import Base
import Foundation
import Jobs

/// How a terminal shows pictures.
public enum ImageProtocol: String, Sendable, CaseIterable {
  case kitty, sixel

  /// The query sent to a terminal: whether it supports kitty's graphics, then its device attributes, which every terminal
  /// answers.
  public static let question = "\u{1b}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1b}\\\u{1b}[c"

  /// Whether the reply is complete: it ends with the device attributes, `ESC [ ? … c`.
  public static func isAnswered(by reply: String) -> Bool { reply.firstMatch(of: /\u{1b}\[\?[0-9;]*c/) != nil }

  /// The protocol that a terminal with this reply supports; nil where it shows only text.
  ///
  /// - Source: kitty's graphics protocol, "Querying support and available transmission mediums"; attribute 4 of the
  ///   primary device attributes is sixel (VT340).
  public static func answered(_ reply: String) -> ImageProtocol? {
    if reply.contains("\u{1b}_Gi=31;OK") { return .kitty }
    guard let match = reply.firstMatch(of: /\u{1b}\[\?([0-9;]*)c/) else { return nil }
    return match.1.split(separator: ";").contains("4") ? .sixel : nil
  }
}

/// Figures as pictures in a terminal: the same drawing as in files.
public enum TerminalImage {
  /// Bytes of base64 in one escape code, the limit of kitty's protocol.
  static let chunkSize = 4096
  /// Bytes of a sixel picture; a figure has some tens of thousands.
  private static let sixelLimit = 1 << 24

  /// Whether the text contains a picture, which a pager would break.
  public static func isIn(_ text: String) -> Bool { text.contains("\u{1b}_G") || text.contains("\u{1b}P") }

  /// The escape codes of the picture; nil where the programs that make it are missing or fail.
  static func text(_ figure: Figure, as kind: ImageProtocol, columns: Int) -> String? {
    // A sixel picture has a fixed size in dots; in a narrow terminal, text fits better.
    if kind == .sixel, columns < 80 { return nil }
    let file = FileManager.default.temporaryDirectory.appending(path: "vcsh-\(UUID().uuidString).png")
    defer { try? FileManager.default.removeItem(at: file) }
    do {
      let pixels = kind == .kitty ? SVGConversion.pixelsPerUnit : 1
      try SVGConversion().write(SVGFigure(figure).text, as: .png, to: file.path, pixels: pixels)
      return kind == .kitty ? kitty(try Data(contentsOf: file), columns: columns) : try sixel(file.path)
    } catch {
      return nil
    }
  }

  /// A PNG file as sixels, by libsixel's `img2sixel`; nil where it fails.
  private static func sixel(_ path: String) throws -> String? {
    let program = try ExternalProgram("img2sixel", remedy: "apt-get install libsixel-bin")
    let result = try program.run([path], limit: sixelLimit)
    let text = result.output.text.trimmingCharacters(in: .newlines)
    return result.isSuccess && result.output.dropped == 0 && text.hasPrefix("\u{1b}P") && text.hasSuffix("\u{1b}\\")
      ? text : nil
  }

  /// A PNG in kitty's protocol: `columns` wide, cursor below it, without an answer from the terminal.
  package static func kitty(_ png: Data, columns: Int) -> String {
    let encoded = Array(png.base64EncodedString().utf8)
    let chunks = stride(from: 0, to: max(1, encoded.count), by: chunkSize).map {
      String(decoding: encoded[$0..<min(encoded.count, $0 + chunkSize)], as: UTF8.self)
    }
    return chunks.enumerated().map { index, chunk in
      let more = index < chunks.count - 1 ? 1 : 0
      let head = index == 0 ? "a=T,f=100,c=\(columns),q=2,m=\(more)" : "m=\(more),q=2"
      return "\u{1b}_G\(head);\(chunk)\u{1b}\\"
    }.joined()
  }
}
