import Base
import Foundation

/// Bytes that are read from front to back, of which only the part around the current offset is in memory.
struct ByteWindow {
  let bytes: Bytes
  private var loaded: [UInt8] = []
  /// The offset of the first loaded byte.
  private var start: Int

  private static let byteCount = 64 << 10

  init(_ bytes: Bytes) {
    self.bytes = bytes
    start = bytes.start
  }

  /// - Precondition: `offset` lies within the bytes.
  mutating func byte(_ offset: Int) throws -> UInt8 {
    if offset < start || offset - start >= loaded.count { try load(offset, 1) }
    return loaded[offset - start]
  }

  /// - Precondition: `range` lies within the bytes.
  mutating func array(_ range: Range<Int>) throws -> [UInt8] {
    if range.lowerBound < start || range.upperBound - start > loaded.count {
      // What is larger than the window is read into its own array and not twice.
      if range.count > Self.byteCount { return try read(range) }
      try load(range.lowerBound, range.count)
    }
    return Array(loaded[range.lowerBound - start..<range.upperBound - start])
  }

  /// The bytes from `offset` up to the next newline; nil where there is none.
  mutating func line(_ offset: Int) throws -> [UInt8]? {
    var line: [UInt8] = []
    var next = offset
    while next < bytes.end {
      if next < start || next - start >= loaded.count { try load(next, 1) }
      let rest = loaded[(next - start)...]
      if let stop = rest.firstIndex(of: UInt8(ascii: "\n")) { return line + rest[..<stop] }
      line += rest
      next += rest.count
    }
    return nil
  }

  /// An unsigned integer of `width` bytes at `offset`.
  ///
  /// - Throws: `format` where the bytes end before it does.
  mutating func unsigned(_ offset: Int, width: Int, _ what: String) throws -> UInt64 {
    try array(bytes.checked(offset, width, what)).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A size or an offset: an unsigned integer that must fit in `Int`.
  mutating func size(_ offset: Int, width: Int, _ what: String) throws -> Int {
    try Bytes.size(unsigned(offset, width: width, what), at: offset, bytes.origin, what)
  }

  private mutating func load(_ offset: Int, _ count: Int) throws {
    loaded = try read(offset..<max(offset + count, min(offset + Self.byteCount, bytes.end)))
    start = offset
  }

  private func read(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { target, initialized in
      try bytes.copy(
        range, to: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<range.count]))
      initialized = range.count
    }
  }
}
