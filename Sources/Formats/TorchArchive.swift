import Base
import Foundation

/// A file written by `torch.save`, or a plain pickle: its object tree, and its tensors read when asked for.
///
/// Opening reads the directory and the pickle, but no weights. A storage's checksum is compared when the storage is
/// first read.
public final class TorchArchive: Sendable {
  public let path: String
  /// Bytes of the file.
  public let size: Int
  public let kind: FileKind
  public let root: PickleValue
  /// All pickles of the file in order; most have only `root`.
  package let pickles: [PickleValue]
  /// The offset after a plain pickle; the size of any other file.
  package let end: Int
  /// SHA-256 that identifies the content.
  ///
  /// For a zip it covers the pickle's bytes and, from the central directory, every entry's name, size and CRC-32. So it
  /// identifies the weights without reading them: their checksums are compared with the bytes when these are read. For
  /// legacy files and plain pickles it covers all bytes.
  public let fingerprint: String

  private enum Storages: Sendable {
    case zip(ZipArchive, prefix: String)
    case legacy(Bytes, [String: Range<Int>])
    case none
  }

  private let storages: Storages

  /// The zip that holds the parts, and the folder in it with its slash; nil for other kinds of files.
  package var zip: (archive: ZipArchive, prefix: String)? {
    if case .zip(let archive, let prefix) = storages { (archive, prefix) } else { nil }
  }

  /// Where a legacy file holds its storages, by their keys; nil for other kinds of files.
  package var legacyStorages: [String: Range<Int>]? {
    if case .legacy(_, let ranges) = storages { ranges } else { nil }
  }

  private let isBigEndian: Bool

  /// - Throws: `missing` where no file is, `format` for damaged bytes, `unsupported` for what vcsh does not read.
  public convenience init(path: String) throws {
    if let failure = FilePointer.brokenLink(path) { throw failure }
    try self.init(RecognisedFile(RegularFile(path: path)))
  }

  init(_ recognised: RecognisedFile) throws {
    let file = recognised.file
    path = file.path
    size = file.size
    kind = recognised.kind
    switch kind {
    case .torchZip:
      let archive = try recognised.zip ?? ZipArchive(file)
      if let twice = archive.duplicates.first {
        throw Failure(
          .format,
          "\(file.path): two zip entries are named `\(twice.shortened)`, the last one at byte \(archive[twice]?.headerOffset ?? 0)"
        )
      }
      let prefix = try TorchArchive.prefix(archive)
      guard let entry = archive[prefix + "data.pkl"] else {
        throw Failure(.format, "\(file.path): the torch archive has no data.pkl")
      }
      let pickle = try archive.stored(entry)
      root = try PickleReader.read(pickle, origin: "\(file.path): data.pkl").root
      pickles = [root]
      end = size
      isBigEndian = try TorchArchive.isBigEndian(archive, prefix)
      storages = .zip(archive, prefix: prefix)
      var digest = Digest()
      digest.update("vcsh torch zip 1\n" + archive.directoryText)
      try pickle.forEachPiece(of: pickle.range) { digest.update($0) }
      fingerprint = digest.finish()
    case .torchLegacy:
      let layout = try TorchLegacyLayout(Bytes(file), origin: file.path)
      root = layout.root
      pickles = layout.pickles
      end = size
      isBigEndian = layout.isBigEndian
      storages = .legacy(Bytes(file), layout.storages)
      fingerprint = try file.digest(after: "vcsh torch legacy 1\n")
    case .pickle:
      (root, end) = try recognised.textPickle?.get() ?? PickleReader.read(Bytes(file), origin: file.path)
      pickles = [root]
      isBigEndian = false
      storages = .none
      fingerprint = try file.digest(after: "vcsh pickle 1\n")
    case .unknown, .directory: throw ForeignFile.refusal(file.path)
    case .npz, .npy, .safetensors, .yaml:
      let what = kind == .yaml ? try TextForm.of(file).phrase : "of the kind \(kind.rawValue)"
      throw Failure(.format, "\(file.path) is not a torch file: it is \(what)")
    }
    try checkStorages()
  }

  public func tensor(_ reference: TensorReference) throws -> Tensor { try stored(reference, "a tensor").tensor() }
  public func tensor(_ reference: TensorReference, rows: Range<Int>) throws -> Tensor {
    try stored(reference, "a tensor").rows(rows).tensor()
  }
  public func integers(_ reference: TensorReference) throws -> [Int] { try stored(reference, "a tensor").integers() }
  public func doubles(_ reference: TensorReference) throws -> [Double] { try stored(reference, "a tensor").doubles() }

  /// The bytes of a tensor with their layout; `name` is for messages.
  func stored(_ reference: TensorReference, _ name: String) throws -> StoredArray {
    let bytes: Bytes
    var isSwapped = reference.isBigEndian
    switch reference.storage {
    case .entry(let key):
      bytes = try storage(key)
      isSwapped = isSwapped || isBigEndian
    case .inline(let inline):
      bytes = Bytes(Data(inline), origin: path)
    }
    return StoredArray(
      bytes: bytes, scalar: reference.scalar, isBigEndian: isSwapped, shape: reference.shape,
      strides: reference.strides, offset: reference.offset, place: "\(path): `\(name)`",
      isNegated: reference.isNegated)
  }

  private func storage(_ key: String) throws -> Bytes {
    switch storages {
    case .zip(let archive, let prefix):
      guard let entry = archive["\(prefix)data/\(key)"] else { throw missingStorage(key) }
      return try archive.stored(entry)
    case .legacy(let bytes, let ranges):
      guard let range = ranges[key] else { throw missingStorage(key) }
      return bytes[range]
    case .none: throw missingStorage(key)
    }
  }

  private func missingStorage(_ key: String, _ place: Int? = nil) -> Failure {
    let named = place.map { ", named at byte \($0)," } ?? ""
    return Failure(.format, "\(path): storage `\(key.prefix(60))`\(named) is not in the file")
  }

  /// Checks that every storage of the pickle exists and has the size that the pickle needs.
  private func checkStorages() throws {
    for reference in root.graph.storages {
      guard case .entry(let key) = reference.storage else { continue }
      guard key.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw Failure(
          .format,
          "\(path): `\(key.prefix(60))`, named at byte \(reference.place), is not a storage key, which is a number")
      }
      let present: Int
      switch storages {
      case .zip(let archive, let prefix):
        guard let entry = archive["\(prefix)data/\(key)"] else { throw missingStorage(key, reference.place) }
        present = entry.size
      case .legacy(_, let ranges):
        guard let range = ranges[key] else { throw missingStorage(key, reference.place) }
        present = range.count
      case .none: throw missingStorage(key, reference.place)
      }
      guard let size = reference.elementSize else { continue }
      let (needed, overflow) = reference.count.multipliedReportingOverflow(by: size)
      guard !overflow, needed <= present else {
        throw Failure(
          .format,
          "\(path): storage `\(key)` has \(present) bytes, but the pickle at byte \(reference.place) needs \(reference.count) elements of \(size) bytes"
        )
      }
    }
  }

  /// The folder that all entries of a torch zip lie in, with its slash; empty where they lie in none.
  private static func prefix(_ archive: ZipArchive) throws -> String {
    // torch writes one folder; a file that was unpacked and packed again may have none, or several.
    let all = archive.entries.map(\.name).filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    let depth = all.map { $0.utf8.count { $0 == UInt8(ascii: "/") } }.min() ?? 0
    let pickles = all.filter { $0.utf8.count { $0 == UInt8(ascii: "/") } == depth }
    guard let first = pickles.first, pickles.count == 1 else {
      throw Failure(
        .format,
        "\(archive.origin): \(pickles.count) entries of the zip directory at byte \(archive.directoryStart) are named data.pkl; a torch archive has exactly one"
      )
    }
    return String(first.dropLast("data.pkl".count))
  }

  private static func isBigEndian(_ archive: ZipArchive, _ prefix: String) throws -> Bool {
    guard let entry = archive[prefix + "byteorder"] else { return false }
    let content = try archive.stored(entry)
    switch String(decoding: try content.prefix(16), as: UTF8.self) {
    case "little": return false
    case "big": return true
    case let other:
      throw Failure(
        .format,
        "\(archive.origin): the byte order at byte \(content.start) is `\(other.shortened)`; little or big is expected")
    }
  }
}
