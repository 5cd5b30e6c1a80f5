import Base
import Foundation

/// A file mapped read-only: its bytes come from disk only where they are looked at.
struct MappedFile: Sendable {
  let path: String
  let data: Data

  /// - Throws: `missing` where no file is, with the sibling that was probably meant; `system` where it can't be read.
  init(path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw MappedFile.missing(path)
    }
    guard !isFolder.boolValue else {
      throw Failure(.format, "\(path): a folder, where a file is needed")
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    // A pipe or a device has no size to check anything against, and may never end.
    guard attributes?[.type] as? FileAttributeType != .some(.typeCharacterSpecial),
      attributes?[.type] as? FileAttributeType != .some(.typeUnknown)
    else { throw Failure(.format, "\(path): not a regular file") }
    do {
      self.data = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    } catch {
      throw Failure(.system, "\(path): can't be read", hint: "check the file's permissions")
    }
    self.path = path
  }

  static func missing(_ path: String) -> Failure {
    let url = URL(filePath: path)
    let siblings = (try? FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)) ?? []
    return Failure(
      .missing, "\(path): no such file", hint: Suggestion.hint(for: url.lastPathComponent, among: siblings.sorted()))
  }
}
