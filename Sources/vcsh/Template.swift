import Base
import Foundation

/// Installed folders as templates: a workspace gets a copy of what is in them.
enum Template {
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
