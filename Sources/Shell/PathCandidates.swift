import Foundation
import Session

/// Files and folders that a path may go on with: the names in one folder, never those below.
struct PathCandidates {
  package let session: Session
  /// Names that are looked at for whether they are folders.
  private static let limit = 500

  /// The names as they are on disk, spelt from what is written on; folders end in `/`.
  func matching(_ prefix: String) -> [String] {
    if prefix == "~" { return ["~/"] }
    let slash = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
    let folder = String(prefix[..<slash])
    let rest = String(prefix[slash...])
    let here = session.absolute(folder.isEmpty ? "." : folder)
    let found = names(in: here, rest).map { folder + $0 }
    guard found.isEmpty, !folder.hasPrefix("/"), !folder.hasPrefix("~") else { return found }
    // A path that nothing is under here is taken from the workspace.
    return names(in: session.workspace.root + "/" + folder, rest).map { folder + $0 }
  }

  private func names(in directory: String, _ prefix: String) -> [String] {
    let files = FileManager.default
    let folded = prefix.lowercased()
    let all = ((try? files.contentsOfDirectory(atPath: directory)) ?? []).filter { name in
      name.lowercased().hasPrefix(folded) && (prefix.hasPrefix(".") || !name.hasPrefix("."))
    }
    return all.sorted().enumerated().map { place, name in
      var isFolder: ObjCBool = false
      let isNear = place < Self.limit && files.fileExists(atPath: directory + "/" + name, isDirectory: &isFolder)
      return name + (isNear && isFolder.boolValue ? "/" : "")
    }
  }
}
