import Base
import Formats
import Foundation
import Language
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

  /// Refuses, before anything runs, a file whose ending is none for such a result.
  package static func check(_ type: ResultType.Shape, to path: String, at span: SourceSpan) throws {
    let (file, ending) = parts(of: path)
    guard !isDevice(path) else { return }
    if figureEndings.contains(ending) {
      if type != .report { throw noFigure(file, ending, type.rawValue, at: span) }
    } else if ending == "npz" {
      if type != .table { throw noColumns(file, type.rawValue, at: span) }
    } else if OutputMode.of(fileEnding: ending) == nil {
      throw noFormat(file, ending, type.rawValue, at: span)
    }
  }

  private static func parts(of path: String) -> (file: String, ending: String) {
    ((path as NSString).lastPathComponent, (path as NSString).pathExtension.lowercased())
  }

  /// Whether a device or a pipe stands at the path: it has no ending, and gets what the screen shows.
  private static func isDevice(_ path: String) -> Bool {
    guard let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType else {
      return false
    }
    return type == .typeCharacterSpecial || type == .typeUnknown
  }

  private static func noFigure(_ file: String, _ ending: String, _ type: String, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "\(file): a \(type) is not a figure", hint: "`… | plot COLUMN > FILE.\(ending)` makes one", span: span)
  }

  private static func noColumns(_ file: String, _ type: String, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "\(file): only a table's columns are written as .npz, not a \(type)",
      hint: "`export NAME FILE.npz` writes predictions", span: span)
  }

  private static func noFormat(_ file: String, _ ending: String, _ type: String, at span: SourceSpan) -> Failure {
    Failure(
      .usage,
      ending.isEmpty
        ? "`\(file)` has no ending that says how a \(type) is written"
        : "`\(file)`: a \(type) can't be written as .\(ending)",
      hint: ["-", "stdout"].contains(file)
        ? "results go to standard output by themselves: `vcsh --csv -c '…' > FILE`" : "use \(endings)", span: span)
  }

  package static func write(_ value: Value, to path: String, at span: SourceSpan) throws {
    let (file, ending) = parts(of: path)
    if figureEndings.contains(ending) {
      let figures = figures(in: value)
      guard !figures.isEmpty else { throw noFigure(file, ending, value.typeName, at: span) }
      do {
        return try FigureFile.write(figures, to: path)
      } catch let failure as Failure {
        throw failure.located(at: span)
      }
    }
    if ending == "npz" {
      guard case .table(let table) = value else { throw noColumns(file, value.typeName, at: span) }
      return try NpzWriter.write(TableArrays.arrays(of: table), to: path)
    }
    if case .string(let text) = value, !dataEndings.contains(ending) {
      return try TableFile.write(text: text.hasSuffix("\n") ? text : text + "\n", to: path, span: span)
    }
    guard let mode = OutputMode.of(fileEnding: ending) ?? (isDevice(path) ? .table : nil) else {
      throw noFormat(file, ending, value.typeName, at: span)
    }
    try TableFile.write(text: value == .null ? "" : Renderer(.batch(mode)).document(value), to: path, span: span)
  }

  private static func figures(in value: Value) -> [Figure] {
    guard case .report(let report) = value else { return [] }
    return report.figures
  }
}
