import Base
import Foundation

/// Bounds-checked little-endian reading from a part of a file. Offsets are those of the file.
struct Bytes: Sendable {
  let data: Data
  /// Name for messages.
  let origin: String
  let start: Int
  let end: Int

  init(_ data: Data, origin: String) {
    self.data = data
    self.origin = origin
    start = data.startIndex
    end = data.endIndex
  }

  /// - Throws: `format` where the file ends before `range` does.
  func checked(_ offset: Int, _ count: Int, _ what: @autoclosure () -> String) throws -> Range<Int> {
    let (stop, overflow) = offset.addingReportingOverflow(count)
    guard !overflow, offset >= start, count >= 0, stop <= end else {
      throw Failure(.format, "\(origin): \(what()) at byte \(offset) reaches past the end of the file (\(end) bytes)")
    }
    return offset..<stop
  }

  /// An unsigned integer of `width` bytes at `offset`.
  func unsigned(_ offset: Int, width: Int, _ what: @autoclosure () -> String) throws -> UInt64 {
    var value: UInt64 = 0
    for index in try checked(offset, width, what()).reversed() { value = value << 8 | UInt64(data[index]) }
    return value
  }

  /// A size or an offset: an unsigned integer that must fit in `Int`.
  func size(_ offset: Int, width: Int, _ what: @autoclosure () -> String) throws -> Int {
    let value = try unsigned(offset, width: width, what())
    guard let size = Int(exactly: value) else {
      throw Failure(.format, "\(origin): \(what()) at byte \(offset) is \(value), which no file can hold")
    }
    return size
  }
}
