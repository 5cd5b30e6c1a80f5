import Base
import Synchronization

/// The checksum of a part of a file, compared with the bytes when they are first read.
final class EntryChecksum: Sendable {
  let range: Range<Int>
  private let file: RegularFile
  private let expected: UInt32
  /// The part's name, for messages.
  private let place: String
  private let verified = Atomic<Bool>(false)

  init(_ expected: UInt32, of range: Range<Int>, in file: RegularFile, place: String) {
    self.expected = expected
    self.range = range
    self.file = file
    self.place = place
  }

  var isVerified: Bool { verified.load(ordering: .relaxed) }

  /// Reads the part once for its checksum, unless that was done before.
  ///
  /// - Throws: `format` where the bytes do not match.
  func verify() throws { if !isVerified { try forEachPiece { _ in } } }

  /// Hands the part to `body`, piece by piece, and compares the checksum on the way. It is known only at the end: what
  /// `body` has made of the pieces must not be used where this throws.
  func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var checksum: UInt32 = 0
    // Where `body` refuses bytes because they are damaged, the user should read about the damage.
    var refusal: (any Error)?
    try file.forEachPiece(of: range) { piece in
      checksum = Zlib.crc32(piece, from: checksum)
      guard refusal == nil else { return }
      do { try body(piece) } catch { refusal = error }
    }
    try settle(checksum)
    if let refusal { throw refusal }
  }

  /// Copies the bytes at `wanted` to the front of `target`, and compares the checksum of the whole part on the way: nothing
  /// is read twice.
  ///
  /// - Precondition: `wanted` lies in `range`.
  func copy(_ wanted: Range<Int>, to target: UnsafeMutableRawBufferPointer) throws {
    precondition(range.lowerBound <= wanted.lowerBound && wanted.upperBound <= range.upperBound)
    var checksum: UInt32 = 0
    try file.forEachPiece(of: range.lowerBound..<wanted.lowerBound) { checksum = Zlib.crc32($0, from: checksum) }
    try file.read(wanted, into: target) { checksum = Zlib.crc32($0, from: checksum) }
    try file.forEachPiece(of: wanted.upperBound..<range.upperBound) { checksum = Zlib.crc32($0, from: checksum) }
    try settle(checksum)
  }

  private func settle(_ checksum: UInt32) throws {
    guard checksum == expected else {
      throw Failure(.format, "\(place) at byte \(range.lowerBound) does not match its checksum: the file is damaged")
    }
    verified.store(true, ordering: .relaxed)
  }
}
