import Base
import Foundation
import Rendering

/// The result of a command line as a file (`… > FILE`), whose ending chooses the format.
package enum ResultFile {
  private static let figureEndings: Set<String> = ["svg", "png", "pdf"]
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
    guard (path as NSString).pathExtension.lowercased() != "npz" else {
      throw Failure(
        .usage, "\(given.shortened): results are written as text", hint: "`export NAME FILE.npz` writes predictions",
        span: span)
    }
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
      do {
        return try FigureFile.write(figures, to: path)
      } catch let failure as Failure {
        throw failure.located(at: span)
      }
    }
    if case .string(let text) = value, !dataEndings.contains(ending) {
      return try TableFile.write(text: text.hasSuffix("\n") ? text : text + "\n", to: path, span: span)
    }
    let renderer = Renderer(.batch(OutputMode.of(fileEnding: ending) ?? .table))
    try TableFile.write(text: value == .null ? "" : renderer.document(value), to: path, span: span)
  }

  private static func figures(in value: Value) -> [Figure] {
    guard case .report(let report) = value else { return [] }
    return report.figures
  }
}
