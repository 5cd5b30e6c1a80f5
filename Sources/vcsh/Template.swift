import Base
import Foundation

/// The folders that are installed with vcsh: `workspace-template` and `recipes`.
enum Template {
  /// Found beside the program: in `../share/vcsh`, or in a folder above it where it runs from its build folder.
  static func folder(_ name: String) -> String? {
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

  /// Copies what is in `source` into `target`; what is there already stays.
  static func copy(_ source: String, to target: String) throws {
    let files = FileManager.default
    do {
      try files.createDirectory(atPath: target, withIntermediateDirectories: true)
      for name in try files.contentsOfDirectory(atPath: source).sorted()
      where !files.fileExists(atPath: "\(target)/\(name)") {
        try files.copyItem(atPath: "\(source)/\(name)", toPath: "\(target)/\(name)")
      }
    } catch {
      throw Failure(.system, "can't copy \(source) to \(target): \((error as NSError).localizedDescription)")
    }
  }
}
