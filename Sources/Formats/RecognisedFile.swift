import Base
import Foundation

/// A file whose kind is known, with what had to be parsed to find it out: whoever reads the file goes on from there.
struct RecognisedFile: Sendable {
  let file: RegularFile
  let kind: FileKind
  /// The directory of a zip.
  private(set) var zip: ZipArchive?
  /// The tree of a pickle of protocol 0 or 1 and the offset after it, or why it can't be read.
  private(set) var textPickle: Result<(root: PickleValue, end: Int), Failure>?

  init(_ file: RegularFile) throws {
    self.file = file
    let front = try Bytes(file).prefix(4096)
    if FilePointer(file.path, front) != nil {
      kind = .unknown
    } else if RecognisedFile.isSafetensors(front, fitting: file.size) {
      // A header's length may begin with the bytes of a pickle or of a zip.
      kind = .safetensors
    } else if front.starts(with: [0x50, 0x4b]) {
      zip = try RecognisedFile.directory(file)
      kind = zip.map(RecognisedFile.kind) ?? .unknown
    } else if front.starts(with: [0x93] + Array("NUMPY".utf8)) {
      kind = .npy
    } else if TorchLegacyLayout.isLegacy(front) {
      kind = .torchLegacy
    } else if front.count >= 2, front[0] == 0x80, front[1] <= 5 {
      kind = .pickle
    } else if RecognisedFile.isSafetensors(front) {
      kind = .safetensors
    } else {
      let isText = RecognisedFile.isText(front)
      textPickle = try RecognisedFile.textPickle(file, front)
      // Prose may end in a full stop, too: only a pickle can be read as one.
      if case .success? = textPickle {
        kind = .pickle
      } else {
        kind = isText ? .yaml : textPickle == nil ? .unknown : .pickle
      }
    }
  }

  /// Nil for a folder.
  ///
  /// - Throws: `missing` where nothing is at `path`, naming the sibling that was probably meant.
  static func at(_ path: String) throws -> RecognisedFile? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FilePointer.brokenLink(path) ?? FilePointer.unpulled(path) ?? RegularFile.missing(path)
    }
    return isFolder.boolValue ? nil : try RecognisedFile(RegularFile(path: path))
  }

  /// Nil for a zip that can't be read.
  private static func directory(_ file: RegularFile) throws -> ZipArchive? {
    do {
      return try ZipArchive(file)
    } catch let failure as Failure where [.format, .unsupported].contains(failure.kind) {
      return nil
    }
  }

  private static func kind(_ archive: ZipArchive) -> FileKind {
    if archive.entries.contains(where: { $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl" }) { return .torchZip }
    return archive.entries.contains { NpzArchive.isArray($0, in: archive) } ? .npz : .unknown
  }

  /// Eight bytes of header length, then a JSON object.
  ///
  /// - Parameter size: of the file, where the header must lie within it.
  private static func isSafetensors(_ front: Data, fitting size: Int? = nil) -> Bool {
    let start = [UInt8](front.prefix(9))
    guard start.count == 9, start[8] == UInt8(ascii: "{"), start[4..<8].allSatisfy({ $0 == 0 }) else { return false }
    let length = start.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return size.map { 8 + length <= $0 } ?? true
  }

  /// Pickles of protocols 0 and 1 have no signature. They are recognised by their first opcode, with which no YAML of
  /// ours starts, and by the opcode STOP at the end. Nil for what has neither.
  private static func textPickle(_ file: RegularFile, _ front: Data) throws -> Result<
    (root: PickleValue, end: Int), Failure
  >? {
    guard let first = front.first, "(])}NILFSVcKJMGXUTB.".utf8.contains(first),
      file.size > 1 || first == UInt8(ascii: "."),
      try file.read(file.size - 1..<file.size).first == UInt8(ascii: ".")
    else { return nil }
    do {
      return .success(try PickleReader.read(Bytes(file), origin: file.path))
    } catch let failure as Failure where failure.kind == .format {
      return .failure(failure)
    }
  }

  private static func isText(_ front: Data) -> Bool {
    guard !front.isEmpty, !front.contains(0) else { return false }
    // A character may be cut at the end of the sample.
    return (0...3).contains { String(validating: front.dropLast($0), as: UTF8.self) != nil }
  }
}

extension FileKind {
  /// - Throws: `missing` where nothing is at `path`, naming the sibling that was probably meant.
  public static func recognise(_ path: String) throws -> FileKind { try RecognisedFile.at(path)?.kind ?? .directory }
}
