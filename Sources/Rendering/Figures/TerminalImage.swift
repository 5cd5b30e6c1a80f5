import Base
import Foundation

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

/// Figures as pictures in a terminal, drawn by gnuplot.
public enum TerminalImage {
  /// Bytes of base64 in one escape code, the limit of kitty's protocol.
  static let chunkSize = 4096

  /// Whether the text contains a picture, which a pager would break.
  public static func isIn(_ text: String) -> Bool { text.contains("\u{1b}_G") || text.contains("\u{1b}P") }

  /// The escape codes of the picture; nil where gnuplot can't draw it.
  static func text(_ figure: Figure, as kind: ImageProtocol, columns: Int) -> String? {
    // A sixel picture has a fixed size in dots; in a narrow terminal, text fits better.
    if kind == .sixel, columns < 80 { return nil }
    let format = kind == .kitty ? "png" : "six"
    let file = FileManager.default.temporaryDirectory.appending(path: "vcsh-\(UUID().uuidString).\(format)")
    defer { try? FileManager.default.removeItem(at: file) }
    guard (try? GnuplotFigure.write([figure], to: file.path)) != nil, let data = try? Data(contentsOf: file) else {
      return nil
    }
    switch kind {
    case .kitty: return kitty(data, columns: columns)
    case .sixel:
      let text = String(decoding: data, as: UTF8.self)
      return text.hasPrefix("\u{1b}P") && text.hasSuffix("\u{1b}\\") ? text : nil
    }
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
