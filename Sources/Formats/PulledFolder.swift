import Base
import Foundation

/// A folder whose files are elsewhere: pointers stand in their place.
enum PulledFolder {
  static func refusal(_ folder: FolderListing) -> Failure? {
    if let pointer = folder.names.sorted().first(where: { $0.lowercased().hasSuffix(".dset.dvc") }) {
      return Failure(
        .format,
        "\(folder.path): the .dset files of this folder are DVC pointers (\(pointer)): the files are elsewhere",
        hint: "fetch them: `dvc --cd \(folder.quoted) pull -R .`")
    }
    if let name = folder.names.sorted().first(where: { $0.hasPrefix(".") && $0.hasSuffix(".icloud") }) {
      return Failure(
        .format, "\(folder.path): \(name.dropFirst().dropLast(".icloud".count)) is in iCloud, not on this disk",
        hint: "on the Mac: `brctl download FOLDER`, then copy the folder again")
    }
    for name in folder.names.filter(isPart).sorted().prefix(20) {
      let path = folder.path + "/" + name
      guard let file = try? RegularFile(path: path), file.size < 4096, let front = try? file.contents(),
        let pointer = FilePointer(path, front)
      else { continue }
      return Failure(
        pointer.failure.kind, pointer.failure.message,
        hint: pointer.fetchesFolder.map { "fetch all files of the folder: `\($0)`" } ?? pointer.failure.hint)
    }
    return nil
  }

  /// Whether a file belongs to a checkpoint in parts.
  private static func isPart(_ name: String) -> Bool {
    name == ".metadata"
      || [".distcp", "_states.pt", ".safetensors", ".bin", ".index.json"].contains { name.hasSuffix($0) }
  }
}
