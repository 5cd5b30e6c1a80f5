import Foundation

extension Session {
  /// A path that the user gave: `~` is the home, a relative path is taken from the current folder, and where nothing is
  /// there, from the workspace.
  func absolute(_ path: String) -> String {
    let expanded = (path as NSString).expandingTildeInPath
    if expanded.hasPrefix("/") { return URL(filePath: expanded).standardizedFileURL.path }
    let here = URL(filePath: FileManager.default.currentDirectoryPath).appending(path: expanded).standardizedFileURL
      .path
    if FileManager.default.fileExists(atPath: here) { return here }
    let inWorkspace = URL(filePath: workspace.root).appending(path: expanded).standardizedFileURL.path
    return FileManager.default.fileExists(atPath: inWorkspace) ? inWorkspace : here
  }

  /// A path to be written: never looked for in the workspace.
  func output(_ path: String) -> String {
    let expanded = (path as NSString).expandingTildeInPath
    if expanded.hasPrefix("/") { return expanded }
    return URL(filePath: FileManager.default.currentDirectoryPath).appending(path: expanded).standardizedFileURL.path
  }
}
