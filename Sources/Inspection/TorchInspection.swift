import Base
import Formats

/// Lists a file of `torch.save`, of today or before 1.6, or a plain pickle.
enum TorchInspection {
  /// - Returns: the kind of file in words.
  /// - Throws: `format` where an entry does not match its checksum; `unsupported` where vcsh could not read a storage.
  static func read(_ archive: TorchArchive, into listing: inout Listing) throws -> String {
    var pickles = archive.pickles
    var end = archive.size
    if archive.kind == .pickle {
      // Only the first pickle is opened; whoever reads on would run the others, too.
      let rest = try PickleSequence.rest(path: archive.path, from: archive.end)
      pickles += rest.pickles
      end = rest.end
    }
    let root = archive.kind == .torchLegacy ? 3 : 0
    PickleInspection.read(pickles, isRoot: { $0 == root }, into: &listing)
    switch archive.kind {
    case .torchZip:
      if let zip = archive.zip { try entries(zip.archive, zip.prefix, into: &listing) }
      return "torch archive (zip)"
    case .torchLegacy:
      for (key, range) in (archive.legacyStorages ?? [:]).sorted(by: { $0.value.lowerBound < $1.value.lowerBound }) {
        listing.add(
          InspectedPart(
            kind: .entry, name: "storage \(key.shortened)", byteCount: range.count,
            detail: "at byte \(range.lowerBound)"))
      }
      return "torch file of before 1.6 (legacy)"
    default:
      if pickles.count > 1 {
        listing.note("\(pickles.count) pickles follow each other; `open` reads the first alone", .unknownRecords)
      }
      if end < archive.size {
        listing.note("\(archive.size - end) bytes that are not a pickle follow at byte \(end)", .unknownRecords)
      }
      return "pickle"
    }
  }

  private static func entries(_ archive: ZipArchive, _ prefix: String, into listing: inout Listing) throws {
    for entry in archive.entries {
      let isStorage = entry.name.hasPrefix(prefix + "data/")
      let isVerified = try archive.verify(entry, limit: isStorage ? 0 : EntryText.sizeLimit)
      listing.add(EntryText.part(entry, isVerified: isVerified))
      let name = entry.name.dropFirst(entry.name.hasPrefix(prefix) ? prefix.count : 0)
      if name.hasSuffix(".pkl"), name != "data.pkl" {
        let pickles = try archive.pickles(entry)
        PickleInspection.read(pickles, isRoot: { _ in false }, into: &listing)
      }
      if name.hasPrefix("code/"), name.hasSuffix(".py") {
        listing.note("`\(entry.name.shortened)` is TorchScript code, which torch.jit.load compiles", .executesCode)
      }
    }
  }
}

/// The words for an entry of a zip.
enum EntryText {
  /// Larger entries are not decompressed for their checksum.
  static let sizeLimit = 256 << 20

  static func part(_ entry: ZipArchive.Entry, isVerified: Bool) -> InspectedPart {
    let method = entry.method == 0 ? "stored" : entry.method == 8 ? "deflated" : "compressed by method \(entry.method)"
    let checksum = isVerified ? "checksum right" : "checksum not compared"
    let size = entry.size == entry.storedSize ? "" : ", \(entry.size) bytes after decompression"
    return InspectedPart(
      kind: .entry, name: entry.name.shortened, type: method, byteCount: entry.storedSize, detail: checksum + size)
  }
}
