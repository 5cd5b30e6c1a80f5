import Base
import Foundation
import Workspace

extension Workspace {
  /// Refuses to replace a file that a named object reads.
  ///
  /// Where the file was exported from the same object before, it may be written again, as `refresh` does: what was opened from
  /// it is stale then.
  ///
  /// - Parameter subject: name of the object that is written; nil for a value without a name.
  /// - Throws: `conflict` naming the object that reads the file.
  func checkOverwriting(_ path: String, by subject: String?, at span: SourceSpan?) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    func resolved(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }
    let target = resolved(path)
    let readers = try names().filter { item in
      item.version.payload.files.contains { resolved(absolute(path: $0.path)) == target }
    }.map(\.name)
    guard let reader = readers.first else { return }
    if let subject, !readers.contains(subject), let writer = try writer(of: stored(path: path)),
      try inputs(of: writer.entry).contains(where: { $0.detail == subject })
    {
      return
    }
    throw Failure(
      .conflict, "\(path) is the file that `\(reader)` is read from", hint: "choose another name", span: span)
  }
}

extension Session {
  /// Refuses to replace a file that a named object reads.
  ///
  /// - Throws: as `Workspace.checkOverwriting`.
  package func checkOverwriting(_ path: String, by subject: String?, at span: SourceSpan?) throws {
    try workspace.checkOverwriting(path, by: subject, at: span)
  }
}
