import Base
import Foundation

/// A folder that holds a recording only in compressed files or in an archive.
enum PackedFolder {
  /// Programs that decompress a file and keep it, by the file's ending.
  private static let programs = [
    (".gz", "gunzip -k"), (".bz2", "bunzip2 -k"), (".xz", "unxz -k"), (".zst", "unzstd"), (".lz4", "unlz4"),
  ]

  /// Stimuli that are compressed, file by file.
  static func compressed(_ folder: FolderListing) -> Failure? {
    let names = folder.names.filter { !$0.hasPrefix(".") }.sorted()
    for (ending, program) in programs {
      let packed = names.filter { $0.lowercased().hasSuffix(".dset" + ending) }
      guard let first = packed.first else { continue }
      let files = packed.prefix(20).map { ShellText.quoted(folder.path + "/" + $0) }.joined(separator: " ")
      return Failure(
        .format, "\(folder.path): the .dset files of this folder are compressed (\(first))",
        hint: "decompress them: `\(program) \(files)`")
    }
    return nil
  }

  /// An archive that may hold the recording.
  static func archive(_ folder: FolderListing) -> Failure? {
    for name in folder.names.sorted() where !name.hasPrefix(".") {
      guard let command = Archive.command(folder.path + "/" + name, into: folder.path) else { continue }
      return Failure(
        .format, "\(folder.path): no `.dset` file in this folder, but an archive: \(name)",
        hint: "unpack it: `\(command)`")
    }
    return nil
  }
}

/// Archives, known by their ending.
enum Archive {
  private static let tars = [
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.zst", ".tar.lzma", ".tar.z",
  ]

  /// Whether `tar` unpacks it, compressed or not.
  static func isTar(_ path: String) -> Bool { tars.contains { path.lowercased().hasSuffix($0) } }

  /// What unpacks an archive into a folder; nil for another file.
  static func command(_ path: String, into folder: String) -> String? {
    let (file, target) = (ShellText.quoted(path), ShellText.quoted(folder))
    if isTar(path) { return "tar -xf \(file) -C \(target)" }
    if path.lowercased().hasSuffix(".zip") { return "unzip \(file) -d \(target)" }
    if path.lowercased().hasSuffix(".7z") { return "7z x \(file) -o\(target)" }
    return nil
  }
}
