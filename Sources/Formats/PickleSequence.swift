import Base
import Foundation

/// Pickles that follow each other in one file or one value.
package enum PickleSequence {
  /// All pickles of a file. The first must be readable; after it, what is a pickle is read.
  ///
  /// - Returns: `end` is the offset after the last pickle.
  /// - Throws: as `RegularFile`; `format` where the first pickle is damaged.
  package static func read(path: String) throws -> (pickles: [PickleValue], end: Int) {
    try read(Bytes(RegularFile(path: path)), origin: path)
  }

  static func read(_ bytes: Bytes, origin: String) throws -> (pickles: [PickleValue], end: Int) {
    var (root, end) = try PickleReader.read(bytes, origin: origin)
    var pickles = [root]
    while end < bytes.end, pickles.count < countLimit {
      guard let next = try? PickleReader.read(bytes[end...], origin: origin) else { break }
      pickles.append(next.root)
      end = next.end
    }
    return (pickles, end)
  }

  /// The pickles in bytes that a pickle holds as a value; empty where the bytes are something else.
  package static func embedded(_ bytes: [UInt8]) -> [PickleValue] {
    // Protocols 2 to 5 begin so. Of older ones only those are taken for pickles that end as one.
    guard let first = bytes.first, bytes.count > 2, first == 0x80 || bytes.last == UInt8(ascii: ".") else { return [] }
    return (try? read(Bytes(Data(bytes), origin: ""), origin: ""))?.pickles ?? []
  }

  /// A second pickle already tells what the file is; a file of pickles of one byte each must not use up the time.
  private static let countLimit = 64
}
