import Base
import Foundation

/// Figures in files. Whichever command writes them, the same figures give the same drawing.
public enum FigureFile {
  /// Writes `figures` to an `.svg`, `.png` or `.pdf` file. vcsh draws SVG itself, as in reports and sessions; gnuplot draws
  /// the others, with the same colours; its axes have ticks and ranges of its own.
  ///
  /// The file is written completely or not at all.
  /// - Throws: `Failure` for another extension, without gnuplot where it is needed, or where the file can't be written.
  public static func write(_ figures: [Figure], to path: String) throws {
    let target = URL(filePath: path)
    guard target.pathExtension.lowercased() == "svg" else { return try GnuplotFigure.write(figures, to: path) }
    let folder = target.deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: folder) else {
      throw Failure(.missing, "\(path): there is no folder \(folder)", hint: "create it first")
    }
    do {
      try Data(SVGFigure(figures).text.utf8).write(to: target, options: .atomic)
    } catch {
      throw Failure(.system, "\(path): can't be written: \(error.localizedDescription)")
    }
  }
}
