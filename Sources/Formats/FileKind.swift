import Base
import Foundation

/// The kind of a file, by its content and never by its name.
public enum FileKind: String, Sendable, CaseIterable {
  /// A zip with `<name>/data.pkl`, as `torch.save` writes it today.
  case torchZip
  /// torch's older format: pickles followed by storages.
  case torchLegacy
  case pickle
  case npz
  case npy
  case safetensors
  case yaml
  case directory
  case unknown

  /// - Throws: `missing` where nothing is at `path`, naming the sibling that was probably meant.
  public static func recognise(_ path: String) throws -> FileKind {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw RegularFile.missing(path) }
    if isFolder.boolValue { return .directory }
    return try recognise(RegularFile(path: path))
  }

  /// HDF5's signature, which vcsh knows but does not read.
  static func isHDF5(_ front: Data) -> Bool { front.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) }

  static func recognise(_ file: RegularFile) throws -> FileKind {
    let front = try Bytes(file).prefix(4096)
    if front.starts(with: [0x50, 0x4b]) { return try zipKind(file) }
    if front.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
    if TorchLegacyLayout.isLegacy(front) { return .torchLegacy }
    if front.count >= 2, front[0] == 0x80, front[1] <= 5 { return .pickle }
    if isSafetensors(front) { return .safetensors }
    if try isTextPickle(file, front) { return .pickle }
    return isText(front) ? .yaml : .unknown
  }

  private static func zipKind(_ file: RegularFile) throws -> FileKind {
    let archive: ZipArchive
    do {
      archive = try ZipArchive(file)
    } catch let failure as Failure where [.format, .unsupported].contains(failure.kind) {
      return .unknown
    }
    if archive.entries.contains(where: { $0.name.hasSuffix("/data.pkl") }) { return .torchZip }
    return archive.entries.contains { $0.name.hasSuffix(".npy") } ? .npz : .unknown
  }

  /// Eight bytes of header length, then a JSON object.
  private static func isSafetensors(_ front: Data) -> Bool {
    guard front.count >= 9, front[8] == UInt8(ascii: "{") else { return false }
    return front[4..<8].allSatisfy { $0 == 0 }
  }

  /// Pickles of protocols 0 and 1 have no signature. They are recognised by their first opcode, with which no YAML of
  /// ours starts, and by the opcode STOP at the end.
  private static func isTextPickle(_ file: RegularFile, _ front: Data) throws -> Bool {
    guard let first = front.first, "(])}NILFSVcKJMGXUTB.".utf8.contains(first),
      file.size > 1 || first == UInt8(ascii: "."),
      try file.read(file.size - 1..<file.size).first == UInt8(ascii: ".")
    else { return false }
    // Prose may end in a full stop, too: only a pickle can be read as one.
    do {
      _ = try PickleReader.read(Bytes(file), origin: file.path)
      return true
    } catch let failure as Failure where failure.kind == .format {
      return !isText(front)
    }
  }

  private static func isText(_ front: Data) -> Bool {
    guard !front.isEmpty, !front.contains(0) else { return false }
    // A character may be cut at the end of the sample.
    return (0...3).contains { String(validating: front.dropLast($0), as: UTF8.self) != nil }
  }
}
