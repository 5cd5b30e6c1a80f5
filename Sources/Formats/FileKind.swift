import Base
import Foundation

/// What a file is, by its content; its name never decides.
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
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw MappedFile.missing(path) }
    if isFolder.boolValue { return .directory }
    return recognise(try MappedFile(path: path))
  }

  /// HDF5's signature, which vcsh knows but does not read.
  static func isHDF5(_ data: Data) -> Bool { data.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) }

  static func recognise(_ file: MappedFile) -> FileKind {
    let data = file.data
    if data.starts(with: [0x50, 0x4b]) { return zipKind(file) }
    if data.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
    if TorchLegacyLayout.isLegacy(data) { return .torchLegacy }
    if data.count >= 2, data[0] == 0x80, data[1] <= 5 { return .pickle }
    if isSafetensors(data) { return .safetensors }
    if isTextPickle(data) { return .pickle }
    return isText(data) ? .yaml : .unknown
  }

  private static func zipKind(_ file: MappedFile) -> FileKind {
    guard let archive = try? ZipArchive(file.data, origin: file.path) else { return .unknown }
    if archive.entries.contains(where: { $0.name.hasSuffix("/data.pkl") }) { return .torchZip }
    return archive.entries.contains { $0.name.hasSuffix(".npy") } ? .npz : .unknown
  }

  /// Eight bytes of header length, then a JSON object.
  private static func isSafetensors(_ data: Data) -> Bool {
    guard data.count >= 9, data[8] == UInt8(ascii: "{") else { return false }
    return data[4..<8].allSatisfy { $0 == 0 }
  }

  /// Protocols 0 and 1 have no magic: a first opcode that no YAML of ours starts with, and STOP at the end.
  private static func isTextPickle(_ data: Data) -> Bool {
    guard let first = data.first, data.last == UInt8(ascii: "."), data.count > 1 || first == UInt8(ascii: ".") else {
      return false
    }
    guard "(])}NILFSVcKJMGXUTB.".utf8.contains(first) else { return false }
    // GLOBAL's and INST's names, numbers and quoted text tell a pickle from prose that ends in a full stop.
    return (try? PickleReader.read(data, origin: "")) != nil || !isText(data)
  }

  private static func isText(_ data: Data) -> Bool {
    let head = data.prefix(4096)
    guard !head.isEmpty, !head.contains(0) else { return false }
    // A character may be cut at the end of the sample.
    return (0...3).contains { String(validating: head.dropLast($0), as: UTF8.self) != nil }
  }
}
