import Base
import Foundation
import Synchronization

/// The entries of a zip file (zip64 too), every size and place checked before it is used.
///
/// The central directory alone is read at opening. An entry's local header and checksum are checked when the entry is
/// first read. Entry names are never used as paths.
package final class ZipArchive: Sendable {
  package struct Entry: Sendable, Equatable {
    package let name: String
    /// The number of the zip format: 0 stored, 8 deflated; no other can be read.
    package let method: Int
    let crc: UInt32
    package let storedSize: Int
    package let size: Int
    let headerOffset: Int

    var isDeflated: Bool { method == 8 }
  }

  let origin: String
  package let entries: [Entry]
  private let file: RegularFile
  private let bytes: Bytes
  /// Names that several entries have. Which one is meant is not known, so none of them is read.
  let duplicates: [String]
  /// By the bytes of the name: two spellings of one character are two names.
  private let index: [[UInt8]: Int]
  /// Where each entry must end, by the place of its header: at the next header or at the directory.
  private let limits: [Int: Int]
  let directoryStart: Int
  /// The data of stored entries whose local headers were found right.
  private let opened = Mutex<[Int: Bytes]>([:])

  init(_ file: RegularFile) throws {
    ParseCount.add("\(file.path): zip directory")
    self.file = file
    origin = file.path
    bytes = Bytes(file)
    let directory = try ZipArchive.directory(bytes)
    directoryStart = directory.offset
    entries = try ZipArchive.entries(bytes, directory)
    var index: [[UInt8]: Int] = [:]
    var duplicates: [String] = []
    for (position, entry) in entries.enumerated()
    where index.updateValue(position, forKey: Array(entry.name.utf8)) != nil {
      duplicates.append(entry.name)
    }
    self.index = index
    self.duplicates = duplicates
    limits = try ZipArchive.limits(entries, directory.offset, file.path)
  }

  package subscript(name: String) -> Entry? { index[Array(name.utf8)].map { entries[$0] } }

  /// Names, sizes and checksums of all entries: they identify the content without reading it.
  var directoryText: String { entries.map { "\($0.name)\u{0}\($0.size)\u{0}\($0.crc)\n" }.joined() }

  /// The bytes of a stored entry; its checksum is compared when they are first read.
  func stored(_ entry: Entry) throws -> Bytes {
    try checkMethod(entry)
    guard !entry.isDeflated else {
      throw Failure(
        .unsupported,
        "\(origin): entry `\(entry.name)` at byte \(entry.headerOffset) is compressed; vcsh reads torch archives without compression, as torch writes them",
        hint: "unpack it, and pack the folder again without compression: `zip -0 -r FILE FOLDER`")
    }
    if let bytes = opened.withLock({ $0[entry.headerOffset] }) { return bytes }
    let checksum = EntryChecksum(
      entry.crc, of: try dataRange(entry), in: file, place: "\(origin): entry `\(entry.name)`")
    return opened.withLock { opened in
      // All that read the entry share one checksum.
      let bytes = opened[entry.headerOffset] ?? Bytes(file, checksum)
      opened[entry.headerOffset] = bytes
      return bytes
    }
  }

  /// The whole content of an entry, inflated where it is deflated, checksum checked.
  func content(_ entry: Entry) throws -> Bytes {
    guard entry.isDeflated else { return try stored(entry) }
    let place = "\(origin): entry `\(entry.name)`"
    try MemoryLimit.check(entry.size, place)
    let content = try Zlib.inflate(bytes[dataRange(entry)], count: entry.size, complete: true, origin: place)
    guard Zlib.crc32(content) == entry.crc else {
      throw damaged(entry, place)
    }
    return Bytes(content, origin: origin)
  }

  /// Reads an entry once, piece by piece, and compares its checksum.
  ///
  /// - Parameter limit: bytes after decompression; an entry of more is not read.
  /// - Returns: false where the entry is larger than `limit`, or compressed in a way that vcsh does not read.
  /// - Throws: `format` for damaged bytes.
  package func verify(_ entry: Entry, limit: Int) throws -> Bool {
    let range = try dataRange(entry)
    guard entry.method == 0 || entry.isDeflated && entry.size <= limit else { return false }
    guard entry.isDeflated else {
      try stored(entry).forEachPiece(of: range) { _ in }
      return true
    }
    let place = "\(origin): entry `\(entry.name)`"
    let found = try Zlib.checksum(bytes[range], count: entry.size, origin: place)
    guard found == entry.crc else { throw damaged(entry, place) }
    return true
  }

  /// The pickle in an entry, or in several that follow each other.
  package func pickles(_ entry: Entry) throws -> [PickleValue] {
    guard !entry.isDeflated || entry.size <= 16 << 20 else { return [] }
    return try PickleSequence.read(content(entry), origin: "\(origin): \(entry.name)")
  }

  /// The pickle behind the header of an array of Python objects.
  package func objects(_ entry: Entry, behind header: NpyHeader) throws -> [PickleValue] {
    guard !entry.isDeflated || entry.size <= 16 << 20 else { return [] }
    let content = try content(entry)
    return try PickleSequence.read(content[(content.start + header.dataOffset)...], origin: "\(origin): \(entry.name)")
  }

  private func damaged(_ entry: Entry, _ place: String) -> Failure {
    Failure(.format, "\(place) at byte \(entry.headerOffset) does not match its checksum: the file is damaged")
  }

  /// At most `count` bytes from the front of an entry, without its checksum.
  func prefix(_ entry: Entry, _ count: Int) throws -> Data {
    try checkMethod(entry)
    let range = try dataRange(entry)
    guard entry.isDeflated else { return try bytes[range].prefix(count) }
    return try Zlib.inflate(
      bytes[range], count: min(count, entry.size), complete: false, origin: "\(origin): entry `\(entry.name)`")
  }

  /// - Throws: `unsupported` for an entry that is compressed by anything but deflate.
  private func checkMethod(_ entry: Entry) throws {
    guard entry.method != 0, entry.method != 8 else { return }
    let names = [9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "zstd", 95: "xz"]
    throw Failure(
      .unsupported,
      "\(origin): entry `\(entry.name)` at byte \(entry.headerOffset) is compressed by \(names[entry.method] ?? "method \(entry.method)"), which vcsh does not read",
      hint: "write it again with `numpy.savez_compressed`, or unpack it and pack it with `zip`")
  }

  /// Where the data is, by the lengths in the entry's own header: torch pads that header to align the data.
  private func dataRange(_ entry: Entry) throws -> Range<Int> {
    let what = "the header of entry `\(entry.name)`"
    let header = Bytes(
      try bytes.data(bytes.checked(entry.headerOffset, 30, what)), origin: origin)
    guard try header.unsigned(0, width: 4, what) == 0x0403_4b50 else {
      throw Failure(.format, "\(origin): entry `\(entry.name)` has no zip header at byte \(entry.headerOffset)")
    }
    let nameLength = try header.size(26, width: 2, what)
    let extraLength = try header.size(28, width: 2, what)
    let nameRange = try bytes.checked(entry.headerOffset + 30, nameLength, what)
    guard String(decoding: try bytes.data(nameRange), as: UTF8.self).utf8.elementsEqual(entry.name.utf8) else {
      throw Failure(
        .format,
        "\(origin): entry `\(entry.name)` has another name in its own header at byte \(entry.headerOffset)")
    }
    try checkAgrees(entry, header)
    let range = try bytes.checked(nameRange.upperBound + extraLength, entry.storedSize, "entry `\(entry.name)`")
    guard let limit = limits[entry.headerOffset], range.upperBound <= limit else {
      throw Failure(
        .format,
        "\(origin): entry `\(entry.name)` at byte \(entry.headerOffset) reaches into what follows it at byte \(limits[entry.headerOffset] ?? 0)"
      )
    }
    return range
  }

  /// Another reader may take an entry's own header for right: where it says something else than the directory, the file
  /// has two meanings.
  private func checkAgrees(_ entry: Entry, _ header: Bytes) throws {
    let what = "the header of entry `\(entry.name)`"
    func refusal(_ word: String) -> Failure {
      Failure(
        .format,
        "\(origin): entry `\(entry.name)` has another \(word) in its own header at byte \(entry.headerOffset) than in the zip directory"
      )
    }
    let flags = try header.unsigned(6, width: 2, what)
    guard flags & 1 == 0 else {
      throw Failure(.unsupported, "\(origin): entry `\(entry.name)` at byte \(entry.headerOffset) is encrypted")
    }
    guard try header.size(8, width: 2, what) == entry.method else { throw refusal("method") }
    let crc = try header.unsigned(14, width: 4, what)
    let stored = try header.size(18, width: 4, what)
    let size = try header.size(22, width: 4, what)
    // With bit 3 the numbers stand behind the data, and the header may have zeros.
    let mayBeZero = flags & 8 != 0
    guard crc == entry.crc || mayBeZero && crc == 0 else { throw refusal("checksum") }
    for (found, expected) in [(stored, entry.storedSize), (size, entry.size)] {
      guard found == expected || found == 0xffff_ffff || mayBeZero && found == 0 else { throw refusal("size") }
    }
  }
}
