import Base
import Foundation

/// What a SQLite database's write-ahead log holds: the pages that were committed and are not in the database yet.
///
/// Source: SQLite's file format, section 4 ("The Write-Ahead Log"). Nothing is written, and the shared-memory index is
/// not needed: frames count from the front, as long as their salts and checksums follow.
struct WriteAheadLog {
  /// The newest committed content of each page, as a range of `bytes`.
  private(set) var pages: [Int: Range<Int>] = [:]
  /// Pages of the database after the last commit.
  private(set) var pageCount = 0
  let bytes: [UInt8]

  private static let headerSize = 32
  private static let frameHeaderSize = 24

  /// - Returns: nil where no frame of such a page size is committed.
  init?(_ bytes: [UInt8], pageSize: Int) {
    self.bytes = bytes
    guard bytes.count >= Self.headerSize else { return nil }
    let magic = Self.number(bytes, 0)
    guard magic == 0x377f_0682 || magic == 0x377f_0683, Self.number(bytes, 8) == pageSize else { return nil }
    let isBigEndian = magic & 1 == 1
    var sums: (UInt32, UInt32) = (0, 0)
    Self.add(bytes[0..<24], &sums, isBigEndian)
    guard Self.isEqual(sums, bytes, 24) else { return nil }
    var open: [Int: Range<Int>] = [:]
    var start = Self.headerSize
    let frameSize = Self.frameHeaderSize + pageSize
    while bytes.count - start >= frameSize {
      guard bytes[start + 8..<start + 16] == bytes[16..<24] else { break }
      let page = start + Self.frameHeaderSize..<start + frameSize
      Self.add(bytes[start..<start + 8], &sums, isBigEndian)
      Self.add(bytes[page], &sums, isBigEndian)
      guard Self.isEqual(sums, bytes, start + 16) else { break }
      open[Int(Self.number(bytes, start))] = page
      let committed = Int(Self.number(bytes, start + 4))
      if committed > 0 {
        pages.merge(open) { _, new in new }
        pageCount = committed
        open = [:]
      }
      start += frameSize
    }
    if pageCount == 0 { return nil }
  }

  /// The database with the committed pages in it.
  ///
  /// - Returns: nil where the log claims more pages than the two files can have.
  func applied(to database: [UInt8], pageSize: Int) -> [UInt8]? {
    guard pageCount <= database.count / pageSize + pages.count else { return nil }
    var result = database
    let size = pageCount * pageSize
    if size < result.count { result.removeLast(result.count - size) }
    if size > result.count { result += [UInt8](repeating: 0, count: size - result.count) }
    for (page, range) in pages where page >= 1 && page <= pageCount {
      result.replaceSubrange((page - 1) * pageSize..<page * pageSize, with: bytes[range])
    }
    return result
  }

  private static func number(_ bytes: [UInt8], _ place: Int) -> UInt32 {
    bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func isEqual(_ sums: (UInt32, UInt32), _ bytes: [UInt8], _ place: Int) -> Bool {
    sums == (number(bytes, place), number(bytes, place + 4))
  }

  /// The checksum goes over pairs of words; their byte order is the log's own.
  private static func add(_ slice: ArraySlice<UInt8>, _ sums: inout (UInt32, UInt32), _ isBigEndian: Bool) {
    slice.withUnsafeBytes { bytes in
      for place in stride(from: 0, to: bytes.count - 7, by: 8) {
        let (a, b) = (
          bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self),
          bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
        )
        sums.0 &+= (isBigEndian ? a.bigEndian : a.littleEndian) &+ sums.1
        sums.1 &+= (isBigEndian ? b.bigEndian : b.littleEndian) &+ sums.0
      }
    }
  }
}
