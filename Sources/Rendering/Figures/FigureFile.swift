import Base
import Foundation

/// Figures in files. Whichever command writes them, and into whichever format, the same figures give the same drawing.
public enum FigureFile {
  /// Writes `figures`, one below the other, to an `.svg`, `.png` or `.pdf` file. vcsh draws SVG itself, as in reports and
  /// sessions; `SVGConversion` makes the others from it.
  ///
  /// The file is written completely or not at all.
  /// - Throws: `Failure` for another extension, without the program that PNG and PDF need, or where the file can't be
  ///   written.
  public static func write(_ figures: [Figure], to path: String) throws {
    let target = URL(filePath: path)
    let ending = target.pathExtension.lowercased()
    let format = SVGConversion.Format(rawValue: ending)
    guard ending == "svg" || format != nil else {
      throw Failure(
        .usage, "\(path): unknown figure format", hint: "use a file name that ends in .svg, .png or .pdf")
    }
    let folder = target.deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw Failure(.missing, "\(path): there is no folder \(folder)", hint: "create it first")
    }
    let svg = SVGFigure(figures).text
    if let format { return try SVGConversion().write(svg, as: format, to: path) }
    try AtomicFile.write(Data(svg.utf8), to: path)
  }
}
