import Base
import Foundation

/// The directory at the end of a zip: found, read and checked before any entry is.
extension ZipArchive {
  /// - Throws: `format` where two entries begin at one place, or one reaches into the next even with the shortest header.
  static func limits(_ entries: [Entry], _ end: Int, _ origin: String) throws -> [Int: Int] {
    var limits: [Int: Int] = [:]
    limits.reserveCapacity(entries.count)
    var next = end
    var nextName = "the zip directory"
    for entry in entries.sorted(by: { $0.headerOffset > $1.headerOffset }) {
      let (least, overflow) = entry.headerOffset.addingReportingOverflow(30 + entry.storedSize)
      guard !overflow, least <= next, limits.updateValue(next, forKey: entry.headerOffset) == nil else {
        throw Failure(
          .format,
          "\(origin): entry `\(entry.name)` at byte \(entry.headerOffset) overlaps \(nextName) at byte \(next)")
      }
      next = entry.headerOffset
      nextName = "entry `\(entry.name)`"
    }
    return limits
  }

  struct Directory {
    var offset: Int
    var size: Int
    var count: Int
  }

  /// Finds the end record (and the zip64 one) from the file's end.
  static func directory(_ bytes: Bytes) throws -> Directory {
    // A comment of up to 65,535 bytes may stand behind the record; writers of models and arrays leave none.
    guard let place = try end(bytes, within: 22) ?? end(bytes, within: 22 + 0xffff) else {
      let front = try bytes.prefix(512)
      guard front.starts(with: [0x50, 0x4b]) else { throw ForeignFile.refusal(bytes.origin) }
      throw Failure(
        .format, "\(bytes.origin) begins as a zip archive but its directory at the end is missing: it was cut short",
        hint: ForeignFile.copyAgain(bytes.origin))
    }
    var directory = Directory(
      offset: try bytes.size(place + 16, width: 4, "zip end"), size: try bytes.size(place + 12, width: 4, "zip end"),
      count: try bytes.size(place + 10, width: 2, "zip end"))
    var stop = place
    let locator = place - 20
    if locator >= bytes.start, try bytes.unsigned(locator, width: 4, "zip64 locator") == 0x0706_4b50 {
      let record = try bytes.size(locator + 8, width: 8, "zip64 end")
      guard try bytes.unsigned(record, width: 4, "zip64 end") == 0x0606_4b50 else {
        throw Failure(.format, "\(bytes.origin): no zip64 end record at byte \(record)")
      }
      directory.count = try bytes.size(record + 32, width: 8, "zip64 end")
      directory.size = try bytes.size(record + 40, width: 8, "zip64 end")
      directory.offset = try bytes.size(record + 48, width: 8, "zip64 end")
      stop = record
    }
    let range = try bytes.checked(directory.offset, directory.size, "zip directory")
    // An entry takes 46 bytes at least, which bounds the count before anything is reserved for it.
    guard range.upperBound <= stop, directory.count <= directory.size / 46 else {
      throw Failure(
        .format,
        "\(bytes.origin): the zip directory at byte \(directory.offset) can't hold its \(directory.count) entries")
    }
    return directory
  }

  /// Where the end record starts: the last place in the last `length` bytes that has its signature.
  static func end(_ bytes: Bytes, within length: Int) throws -> Int? {
    let start = max(bytes.start, bytes.end - length)
    let tail = Array(try bytes.data(start..<bytes.end))
    guard tail.count >= 22 else { return nil }
    return stride(from: tail.count - 22, through: 0, by: -1).first {
      tail[$0..<$0 + 4].elementsEqual([0x50, 0x4b, 0x05, 0x06])
    }.map { start + $0 }
  }

  static func entries(_ bytes: Bytes, _ directory: Directory) throws -> [Entry] {
    var window = ByteWindow(bytes)
    var entries: [Entry] = []
    entries.reserveCapacity(directory.count)
    var place = directory.offset
    let stop = directory.offset + directory.size
    let what = "zip directory"
    for _ in 0..<directory.count {
      guard try window.unsigned(place, width: 4, what) == 0x0201_4b50 else {
        throw Failure(.format, "\(bytes.origin): no zip directory entry at byte \(place)")
      }
      let flags = try window.unsigned(place + 8, width: 2, what)
      let method = try window.size(place + 10, width: 2, what)
      let crc = UInt32(truncatingIfNeeded: try window.unsigned(place + 16, width: 4, what))
      var sizes = [
        try window.size(place + 24, width: 4, what), try window.size(place + 20, width: 4, what),
        try window.size(place + 42, width: 4, what),
      ]
      let nameLength = try window.size(place + 28, width: 2, what)
      let extraLength = try window.size(place + 30, width: 2, what)
      let commentLength = try window.size(place + 32, width: 2, what)
      let nameRange = try bytes.checked(place + 46, nameLength, what)
      let name = String(decoding: try window.array(nameRange), as: UTF8.self)
      let extra = try bytes.checked(nameRange.upperBound, extraLength, what)
      try widen(&sizes, from: bytes, extra: extra, name: name)
      guard flags & 1 == 0 else { throw Failure(.unsupported, "\(bytes.origin): entry `\(name)` is encrypted") }
      let entry = Entry(
        name: name, method: method, crc: crc, storedSize: sizes[1], size: sizes[0], headerOffset: sizes[2])
      try checkSizes(entry, bytes)
      entries.append(entry)
      place = extra.upperBound + commentLength
      guard place <= stop else {
        throw Failure(.format, "\(bytes.origin): the zip directory ends inside entry `\(name)`")
      }
    }
    return entries
  }

  /// zip64: where a size has all bits set, its value is an 8-byte number in the extra field. The order there is size,
  /// stored size, offset.
  static func widen(_ sizes: inout [Int], from bytes: Bytes, extra: Range<Int>, name: String) throws {
    guard sizes.contains(0xffff_ffff) else { return }
    var place = extra.lowerBound
    while place + 4 <= extra.upperBound {
      let tag = try bytes.unsigned(place, width: 2, "zip64 sizes")
      let length = try bytes.size(place + 2, width: 2, "zip64 sizes")
      var field = place + 4
      let stop = field + length
      guard stop <= extra.upperBound else { break }
      if tag == 1 {
        for position in sizes.indices where sizes[position] == 0xffff_ffff {
          guard field + 8 <= stop else {
            throw Failure(.format, "\(bytes.origin): entry `\(name)` lacks its zip64 sizes")
          }
          sizes[position] = try bytes.size(field, width: 8, "zip64 sizes")
          field += 8
        }
        return
      }
      place = stop
    }
    throw Failure(.format, "\(bytes.origin): entry `\(name)` lacks its zip64 sizes")
  }

  /// Deflate compresses at most to 1/1032. A size that would need more is refused before memory is allocated for it.
  static func checkSizes(_ entry: Entry, _ bytes: Bytes) throws {
    guard entry.storedSize <= bytes.end, entry.headerOffset <= bytes.end else {
      throw Failure(
        .format,
        "\(bytes.origin): entry `\(entry.name)` should have \(entry.storedSize) bytes from byte \(entry.headerOffset) on, past the end of the file"
      )
    }
    // Entries of other methods are listed and never read.
    let possible =
      entry.isDeflated
      ? entry.size / 1032 <= entry.storedSize + 1 : entry.method != 0 || entry.size == entry.storedSize
    guard possible else {
      throw Failure(
        .format,
        "\(bytes.origin): entry `\(entry.name)` can't have \(entry.size) bytes where \(entry.storedSize) are stored")
    }
  }
}
