import Base
import Foundation

/// Writes a file as a whole: whoever reads it sees the old content or the new one, never a part.
enum AtomicFile {
  static func write(_ data: Data, to path: String) throws {
    do {
      // Foundation writes beside the target and renames.
      try data.write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw Failure(
        .system, "\(path): can't be written",
        hint: Suggestion.hint(forPath: (path as NSString).deletingLastPathComponent)
          ?? "check that the folder exists, is yours and has room")
    }
  }
}
