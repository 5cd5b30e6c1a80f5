import Foundation
import Glibc

/// A regular file that is open for reading.
///
/// Bytes are copied out when they are asked for. Nothing is mapped into memory, because a mapped file that another
/// program shortens ends the process that reads it (SIGBUS), and copying takes about as long. After every read, size
/// and time of the last write are compared with those at opening: bytes of a file that has changed are never handed
/// out.
public final class RegularFile: Sendable {
  public let path: String
  /// Bytes of the file when it was opened.
  public let size: Int
  /// When it was last written to, as of its opening.
  public let lastWrite: timespec
  /// Its number in its file system.
  public let inode: UInt64
  private let descriptor: Int32

  /// Large reads go through a buffer of this size, which stays in the processor's cache. A multiple of every element's
  /// size.
  public static let pieceByteCount = 64 << 10

  /// Never waits: a pipe or a device is refused, also behind a link.
  ///
  /// - Parameter isListed: whether the listing of its folder has just shown a regular file, so that no look at it is needed
  ///   before it is opened.
  /// - Throws: `missing` where there is no file, with a similar name that exists; `format` for a folder, a pipe, a
  ///   device or a socket; `system` where the file can't be read.
  public init(path: String, isListed: Bool = false) throws {
    var info = stat()
    if !isListed {
      guard stat(path, &info) == 0 else { throw Self.refusal(path) }
      try Self.checkIsRegular(info, path)
    }
    // The file may have been replaced since: a pipe must not be waited for, a terminal not taken over.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw Self.refusal(path) }
    do {
      guard fstat(descriptor, &info) == 0 else { throw Self.refusal(path) }
      try Self.checkIsRegular(info, path)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(info.st_size)
    lastWrite = info.st_mtim
    inode = UInt64(info.st_ino)
  }

  deinit { close(descriptor) }

  /// Copies the bytes at `range` to the front of `target`.
  ///
  /// - Precondition: `range` lies within the file's size at opening, and `target` has room for it.
  /// - Throws: `mismatch` where the file has changed since it was opened; `system` where the disk fails; `interrupted`.
  public func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws {
    try copy(range, into: target)
    try checkUnchanged()
  }

  /// The same; `body` sees each piece while it is in the processor's cache.
  public func read(
    _ range: Range<Int>, into target: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws {
    for start in stride(from: 0, to: range.count, by: Self.pieceByteCount) {
      let piece = start..<min(start + Self.pieceByteCount, range.count)
      let room = UnsafeMutableRawBufferPointer(rebasing: target[piece])
      try copy(range.lowerBound + piece.lowerBound..<range.lowerBound + piece.upperBound, into: room)
      body(UnsafeRawBufferPointer(room))
    }
    try checkUnchanged()
  }

  private func copy(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws {
    precondition(range.lowerBound >= 0 && range.upperBound <= size && range.count <= target.count)
    var done = 0
    while done < range.count, let start = target.baseAddress {
      try Cancellation.current?.check()
      let count = pread(
        descriptor, start + done, min(range.count - done, 16 << 20), off_t(range.lowerBound + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        let reason = String(cString: strerror(errno))
        throw Failure(.system, "\(path): can't be read at byte \(range.lowerBound + done): \(reason)")
      }
      guard count > 0 else { throw changed("it ends at byte \(range.lowerBound + done)") }
      done += count
    }
  }

  /// The bytes at `range`.
  public func read(_ range: Range<Int>) throws -> Data {
    var data = Data(count: range.count)
    try data.withUnsafeMutableBytes { try read(range, into: $0) }
    return data
  }

  /// All bytes. The caller bounds `size` first.
  public func contents() throws -> Data { try read(0..<size) }

  /// Hands the bytes at `range` to `body`, piece by piece. Whether the file has changed is known only at the end: what
  /// `body` has made of the pieces must not be used where this throws.
  public func forEachPiece(of range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard !range.isEmpty else { return }
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(range.count, Self.pieceByteCount), alignment: MemoryLayout<UInt64>.alignment)
    defer { buffer.deallocate() }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceByteCount) {
      let piece = start..<min(start + Self.pieceByteCount, range.upperBound)
      try copy(piece, into: buffer)
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<piece.count]))
    }
    try checkUnchanged()
  }

  /// SHA-256 of all bytes, after those of `prefix`.
  public func digest(after prefix: String = "") throws -> String {
    var digest = Digest()
    digest.update(prefix)
    try forEachPiece(of: 0..<size) { digest.update($0) }
    return digest.finish()
  }

  private func checkUnchanged() throws {
    var now = stat()
    guard fstat(descriptor, &now) == 0 else { throw Self.refusal(path) }
    guard Int(now.st_size) == size else { throw changed("it had \(size) bytes and has \(now.st_size)") }
    guard now.st_mtim.tv_sec == lastWrite.tv_sec, now.st_mtim.tv_nsec == lastWrite.tv_nsec else {
      throw changed("another program wrote to it")
    }
  }

  private func changed(_ how: String) -> Failure {
    Failure(
      .mismatch, "\(path) has changed since it was opened: \(how)",
      hint: "wait until it is completely written, then run the command again")
  }

  /// The failure for a path at which there is no file.
  public static func missing(_ path: String) -> Failure {
    Failure(.missing, "\(path): no such file", hint: Suggestion.hint(forPath: path))
  }

  private static func checkIsRegular(_ info: stat, _ path: String) throws {
    switch info.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw Failure(.format, "\(path): a file is needed, not a folder")
    case S_IFIFO: throw Failure(.format, "\(path): a file is needed, not a pipe")
    case S_IFSOCK: throw Failure(.format, "\(path): a file is needed, not a socket")
    default: throw Failure(.format, "\(path): a file is needed, not a device")
    }
  }

  /// What `errno` says about a file that can't be opened.
  private static func refusal(_ path: String) -> Failure {
    switch errno {
    case ENOENT, ENOTDIR: missing(path)
    case EACCES, EPERM: Failure(.system, "\(path): can't be read", hint: "check the file's permissions")
    case EMFILE, ENFILE: Failure(.system, "\(path): too many files are open", hint: "raise the limit with `ulimit -n`")
    case let code: Failure(.system, "\(path): can't be read: \(String(cString: strerror(code)))")
    }
  }
}
