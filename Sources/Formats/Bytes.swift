import Base
import Foundation

/// A part of a file, or bytes in memory: bounds-checked reading, little-endian. Offsets are those of the file.
struct Bytes: Sendable {
  private enum Source: Sendable {
    case file(RegularFile)
    /// A part of a file that has a checksum.
    case entry(RegularFile, EntryChecksum)
    case memory(Data)
  }

  private let source: Source
  /// Name for messages.
  let origin: String
  let start: Int
  let end: Int

  init(_ file: RegularFile) {
    self.init(.file(file), origin: file.path, 0..<file.size)
  }

  /// The part of a file that a checksum belongs to; it is compared when bytes of the part are first read.
  init(_ file: RegularFile, _ checksum: EntryChecksum) {
    self.init(.entry(file, checksum), origin: file.path, checksum.range)
  }

  init(_ data: Data, origin: String) {
    self.init(.memory(data), origin: origin, data.startIndex..<data.endIndex)
  }

  private init(_ source: Source, origin: String, _ range: Range<Int>) {
    self.source = source
    self.origin = origin
    start = range.lowerBound
    end = range.upperBound
  }

  var range: Range<Int> { start..<end }
  var count: Int { end - start }

  /// The part at `range`, under the same offsets.
  ///
  /// - Precondition: `range` lies within these bytes.
  subscript(range: Range<Int>) -> Bytes {
    precondition(range.lowerBound >= start && range.upperBound <= end)
    return Bytes(source, origin: origin, range)
  }

  subscript(range: PartialRangeFrom<Int>) -> Bytes { self[range.lowerBound..<end] }

  /// Copies the bytes at `range`.
  ///
  /// - Throws: as `RegularFile.read`; `format` where the bytes do not match their checksum.
  func copy(_ range: Range<Int>, to target: UnsafeMutableRawBufferPointer) throws {
    switch source {
    case .file(let file): try file.read(range, into: target)
    // An array is nearly its whole entry, apart from its header.
    case .entry(_, let checksum) where !checksum.isVerified && checksum.range.count / 2 < range.count:
      try checksum.copy(range, to: target)
    case .entry(let file, let checksum):
      try checksum.verify()
      try file.read(range, into: target)
    case .memory(let data): data[range].copyBytes(to: target)
    }
  }

  /// The bytes at `range`, under indices of their own; those of a file are read now.
  func data(_ range: Range<Int>) throws -> Data {
    if case .memory(let data) = source { return data[range] }
    var data = Data(count: range.count)
    try data.withUnsafeMutableBytes { try copy(range, to: $0) }
    return data
  }

  /// All these bytes.
  func data() throws -> Data { try data(range) }

  /// At most the first `count` bytes.
  func prefix(_ count: Int) throws -> Data { try data(start..<start + min(count, self.count)) }

  /// Hands the bytes at `range` to `body`, those of a file piece by piece. What `body` has made of the pieces must not
  /// be used where this throws.
  func forEachPiece(of range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch source {
    case .file(let file): try file.forEachPiece(of: range, body)
    case .entry(_, let checksum) where range == checksum.range && !checksum.isVerified: try checksum.forEachPiece(body)
    case .entry(let file, let checksum):
      try checksum.verify()
      try file.forEachPiece(of: range, body)
    case .memory(let data): try data[range].withUnsafeBytes(body)
    }
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
    try data(checked(offset, width, what())).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A size or an offset: an unsigned integer that must fit in `Int`.
  func size(_ offset: Int, width: Int, _ what: @autoclosure () -> String) throws -> Int {
    try Bytes.size(unsigned(offset, width: width, what()), at: offset, origin, what())
  }

  static func size(_ value: UInt64, at offset: Int, _ origin: String, _ what: String) throws -> Int {
    guard let size = Int(exactly: value) else {
      throw Failure(.format, "\(origin): \(what) at byte \(offset) is \(value), which no file can hold")
    }
    return size
  }
}
