import Base
import Formats
import Foundation
import Rendering

/// The result of a command line as a file (`… > FILE`), whose ending chooses the format.
package enum ResultFile {
  private static let figureEndings: Set<String> = ["svg", "png", "pdf"]
  /// Files that a text may be the content of.
  private static let textEndings: Set<String> = ["vc", "txt", "log", "sh", "py", "yaml", "yml", "ipynb"]
  /// Where a text is data and not simply the file's content.
  private static let dataEndings: Set<String> = ["csv", "tsv", "json", "jsonl"]

  /// Refuses, before anything runs, a place where no file can be.
  package static func check(_ path: String, given: String, at span: SourceSpan) throws {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    if files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw Failure(.usage, "\(given.shortened) is a folder", hint: "name a file in it", span: span)
    }
    let folder = (path as NSString).deletingLastPathComponent
    guard files.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw Failure(
        .missing, "\(given.shortened): there is no folder \(folder)", hint: "create it first", span: span)
    }
  }

  /// Refuses, before anything runs, an ending for which there is no format.
  package static func checkEnding(_ path: String, given: String, at span: SourceSpan) throws {
    let ending = (path as NSString).pathExtension.lowercased()
    let known = figureEndings.union(AllOutputModes.fileEndings).union(textEndings)
    guard known.contains(ending) || ending == "npz" || ending.isEmpty else {
      throw Failure(
        .usage, "\(given.shortened): vcsh does not write .\(ending) files",
        hint: "use \(endings), or a figure's .svg .png .pdf", span: span)
    }
  }

  private static var endings: String {
    (AllOutputModes.fileEndings + ["npz"]).map { ".\($0)" }.joined(separator: " ")
  }

  package static func write(_ value: Value, to path: String, at span: SourceSpan) throws {
    let ending = (path as NSString).pathExtension.lowercased()
    if figureEndings.contains(ending) {
      let figures = figures(in: value)
      guard !figures.isEmpty else {
        throw Failure(
          .usage, "\((path as NSString).lastPathComponent): a \(value.typeName) is not a figure",
          hint: "`… | plot COLUMN > FILE.\(ending)` makes one", span: span)
      }
      guard ending == "svg" else {
        do {
          return try GnuplotFigure.write(figures, to: path)
        } catch let failure as Failure {
          throw failure.located(at: span)
        }
      }
      return try TableFile.write(text: SVGFigure(figures).text, to: path, span: span)
    }
    if ending == "npz" {
      guard case .table(let table) = value else {
        throw Failure(
          .usage,
          "\((path as NSString).lastPathComponent): only a table's columns are written as .npz, not a \(value.typeName)",
          hint: "`export NAME FILE.npz` writes predictions", span: span)
      }
      return try NpzWriter.write(TableArrays.arrays(of: table), to: path)
    }
    if case .string(let text) = value, !dataEndings.contains(ending) {
      return try TableFile.write(text: text.hasSuffix("\n") ? text : text + "\n", to: path, span: span)
    }
    guard let mode = OutputMode.of(fileEnding: ending) else {
      let file = (path as NSString).lastPathComponent
      throw Failure(
        .usage,
        ending.isEmpty
          ? "`\(file)` has no ending that says how a \(value.typeName) is written"
          : "`\(file)`: a \(value.typeName) can't be written as .\(ending)", hint: "use \(endings)", span: span)
    }
    try TableFile.write(text: value == .null ? "" : Renderer(.batch(mode)).document(value), to: path, span: span)
  }

  private static func figures(in value: Value) -> [Figure] {
    guard case .report(let report) = value else { return [] }
    return report.figures
  }
}
