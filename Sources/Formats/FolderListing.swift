import Foundation

/// The names in a folder; none where it can't be read.
struct FolderListing {
  let path: String
  let names: Set<String>

  init(_ path: String) {
    self.path = path
    names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
  }

  /// As a word of a shell.
  var quoted: String { ShellText.quoted(path) }

  func holds(_ isMeant: (String) -> Bool) -> Bool { names.contains(where: isMeant) }

  /// The first 200 folders in it that are not hidden.
  var folders: [String] {
    names.filter { !$0.hasPrefix(".") }.sorted().prefix(200).map { path + "/" + $0 }.filter { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
  }
}
