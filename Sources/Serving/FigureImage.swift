import Base
import Foundation
import Rendering

/// Figures as pictures for clients: the one place that knows what draws them.
enum FigureImage {
  /// An `<svg>` element; several figures stand in a grid. Nil where nothing is installed that draws.
  static func svg(_ figures: [Figure]) -> String? {
    guard !figures.isEmpty, GnuplotFigure.isAvailable else { return nil }
    let file = FileManager.default.temporaryDirectory.appending(path: "vcsh-\(UUID().uuidString).svg")
    defer { try? FileManager.default.removeItem(at: file) }
    guard (try? GnuplotFigure.write(figures, to: file.path)) != nil,
      let text = try? String(contentsOf: file, encoding: .utf8), let start = text.firstRange(of: "<svg")
    else { return nil }
    // The prolog is for files: within a page it is not allowed.
    return String(text[start.lowerBound...])
  }
}
