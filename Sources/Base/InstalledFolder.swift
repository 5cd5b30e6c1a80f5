import Foundation

/// The folders that are installed with vcsh: `workspace-template`, `recipes`, `docs/examples`.
public enum InstalledFolder {
  /// Where the folder `name` lies; nil where it is not installed.
  ///
  /// It is looked for in VCSH_SHARE, in `../share/vcsh` beside the program, and in the folders above the program, which
  /// finds it where vcsh runs from its build folder.
  public static func path(of name: String) -> String? {
    let files = FileManager.default
    if let root = ProcessInfo.processInfo.environment["VCSH_SHARE"], files.fileExists(atPath: "\(root)/\(name)") {
      return "\(root)/\(name)"
    }
    guard let program = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    var url = URL(filePath: program).deletingLastPathComponent()
    let shared = url.deletingLastPathComponent().appending(path: "share/vcsh/\(name)")
    if files.fileExists(atPath: shared.path) { return shared.path }
    while url.path != "/" {
      let candidate = url.appending(path: name)
      if files.fileExists(atPath: candidate.path),
        files.fileExists(atPath: url.appending(path: "workspace-template").path)
      {
        return candidate.path
      }
      url = url.deletingLastPathComponent()
    }
    return nil
  }
}
