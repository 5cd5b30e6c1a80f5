import Base
import Foundation

/// Pickles that follow each other in one file or one value.
package enum PickleSequence {
  /// The pickles of a file from `start` on, which may be none.
  ///
  /// - Returns: `end` is the offset after the last pickle.
  /// - Throws: as `RegularFile`; `mismatch` where the file is now shorter than `start`.
  package static func rest(path: String, from start: Int) throws -> (pickles: [PickleValue], end: Int) {
    let bytes = Bytes(try RegularFile(path: path))
    guard start <= bytes.end else { throw Failure(.mismatch, "\(path) has changed since it was opened") }
    return rest(bytes[start...], origin: path)
  }

  /// The first pickle, which must be readable, and those after it.
  static func read(_ bytes: Bytes, origin: String) throws -> [PickleValue] {
    let (root, end) = try PickleReader.read(bytes, origin: origin)
    return [root] + rest(bytes[end...], origin: origin).pickles
  }

  private static func rest(_ bytes: Bytes, origin: String) -> (pickles: [PickleValue], end: Int) {
    var pickles: [PickleValue] = []
    var end = bytes.start
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
    return (try? read(Bytes(Data(bytes), origin: ""), origin: "")) ?? []
  }

  /// A second pickle already tells what the file is; a file of pickles of one byte each must not use up the time.
  private static let countLimit = 64
}
