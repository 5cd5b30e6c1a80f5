import Base
import Foundation
import Workspace

extension Session {
  /// A path that the user gave: `~` is the home, a relative path is taken from the current folder, and where nothing is
  /// there, from the workspace.
  package func absolute(_ path: String) -> String {
    let found = existing(path)
    return diversion?.target(of: found) ?? found
  }

  private func existing(_ path: String) -> String {
    let here = full(path)
    if FileManager.default.fileExists(atPath: here) || (path as NSString).expandingTildeInPath.hasPrefix("/") {
      return here
    }
    let inWorkspace = URL(filePath: workspace.fileRoot).appending(path: path).standardizedFileURL.path
    if FileManager.default.fileExists(atPath: inWorkspace) { return inWorkspace }
    // Nothing is there under either: what is said about it names the place where a slip of the finger mends it, or the one
    // whose folder exists.
    func folderExists(_ path: String) -> Bool {
      FileManager.default.fileExists(atPath: (path as NSString).deletingLastPathComponent)
    }
    let isMeantHere = Suggestion.path(near: here) != nil
    let isMeantThere = Suggestion.path(near: inWorkspace) != nil || (!folderExists(here) && folderExists(inWorkspace))
    return !isMeantHere && isMeantThere ? inWorkspace : here
  }

  /// A path to be written: never looked for in the workspace.
  package func output(_ path: String) throws -> String {
    try diversion?.divert(full(path)) ?? full(path)
  }

  /// Takes down a file that a command has written to a path from `output`, and tells the user.
  package func wrote(_ path: String) throws {
    // A pipe or a device has taken the bytes; there is no file to take down.
    guard FileManager.default.isRegularFile(path) else {
      note("wrote to \(path)")
      return
    }
    var file = try workspace.written(path)
    if let original = diversion?.original(of: path) { file.path = workspace.stored(path: original) }
    changes.written.append(file)
    note("wrote \(path)")
  }

  private func full(_ path: String) -> String {
    let expanded = (path as NSString).expandingTildeInPath
    if expanded.hasPrefix("/") { return URL(filePath: expanded).standardizedFileURL.path }
    return URL(filePath: folder ?? FileManager.default.currentDirectoryPath).appending(path: expanded)
      .standardizedFileURL.path
  }
}

extension FileManager {
  fileprivate func isRegularFile(_ path: String) -> Bool {
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    return (try? attributesOfItem(atPath: target))?[.type] as? FileAttributeType == .typeRegular
  }
}
