import Base
import Foundation
import Glibc
import Synchronization

/// The object store: immutable files that are named by their SHA-256, `objects/ab/cdef…`.
///
/// An object is written to a temporary file, synced, renamed, and its folder synced, before any row names it.
public struct ObjectStore: Sendable {
  public let root: String
  /// Another store, for reading only, that is searched for objects that this one does not have.
  let fallback: String?

  init(root: String, fallback: String? = nil) {
    self.root = root
    self.fallback = fallback
  }

  /// The path of an object, whether it exists or not.
  public func path(of digest: String) -> String {
    let own = Self.path(of: digest, in: root)
    guard let fallback, access(own, F_OK) != 0, case let other = Self.path(of: digest, in: fallback),
      access(other, F_OK) == 0
    else { return own }
    return other
  }

  private static func path(of digest: String, in root: String) -> String {
    "\(root)/\(digest.prefix(2))/\(digest.dropFirst(2))"
  }

  public func contains(_ digest: String) -> Bool { access(path(of: digest), F_OK) == 0 }

  /// Marks an object as used now, so that `clean` does not remove it while a command needs it.
  ///
  /// Sets the time of the last access, not that of the last write: a changed time of writing would be an error for
  /// readers.
  public func renew(_ digest: String) {
    let times = [timespec(tv_sec: 0, tv_nsec: Self.now), timespec(tv_sec: 0, tv_nsec: Self.unchanged)]
    utimensat(AT_FDCWD, path(of: digest), times, 0)
  }

  /// UTIME_NOW and UTIME_OMIT, which are macros in C.
  private static let now = (1 << 30) - 1
  private static let unchanged = (1 << 30) - 2

  /// Stores bytes. The same bytes are stored once.
  public func put(_ data: Data) throws -> String {
    let digest = Digest.of(data)
    let target = Self.path(of: digest, in: root)
    // What is there already need not be written and synced to find that out.
    if access(target, F_OK) == 0, (try? isWhole(digest)) == true {
      renew(digest)
      try Self.sync((target as NSString).deletingLastPathComponent)
      return digest
    }
    return try putFile { try Self.write(data, to: $0) }
  }

  /// Writes a new file without syncing it: `putFile` does that once.
  private static func write(_ data: Data, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemFailure("can't write \(path)") }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: data)
    try file.close()
  }

  /// Stores a file. `write` gets a path and writes the file there.
  public func putFile(writing write: (String) throws -> Void) throws -> String {
    let temporary = "\(root)/incoming-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
      try write(temporary)
      let digest = try Self.digest(ofFile: temporary)
      let target = Self.path(of: digest, in: root)
      let folder = (target as NSString).deletingLastPathComponent
      // An object that was damaged in the meantime is replaced.
      if access(target, F_OK) == 0, (try? isWhole(digest)) == true {
        renew(digest)
        unlink(temporary)
        try Self.sync(folder)
        return digest
      }
      if access(folder, F_OK) != 0 {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.sync(root)
      }
      try Self.sync(temporary)
      guard rename(temporary, target) == 0 else { throw Self.systemFailure("can't keep \(target)") }
      try Self.sync(folder)
      return digest
    } catch {
      unlink(temporary)
      throw Self.explain(error, path: root)
    }
  }

  /// The object's bytes.
  ///
  /// - Throws: `missing` where it is gone; `mismatch` where it changes while it is read.
  public func data(_ digest: String) throws -> Data {
    let path = path(of: digest)
    do {
      return try RegularFile(path: path).contents()
    } catch let failure as Failure where failure.kind == .missing {
      throw Self.missing(digest, path)
    }
  }

  /// Whether the object's bytes still have the digest that is its name.
  public func isWhole(_ digest: String) throws -> Bool { try Self.digest(ofFile: path(of: digest)) == digest }

  /// The path of an object whose bytes were compared with its digest, once for each state of the file in this process.
  ///
  /// - Throws: `missing` where it is gone, `format` where it holds other bytes.
  public func checkedPath(of digest: String) throws -> String {
    let path = path(of: digest)
    var info = stat()
    guard stat(path, &info) == 0 else { throw Self.missing(digest, path) }
    let state = "\(path) \(info.st_ino) \(info.st_size) \(info.st_mtim.tv_sec) \(info.st_mtim.tv_nsec)"
    if Self.checked.withLock({ $0.contains(state) }) { return path }
    guard try isWhole(digest) else { throw Self.damaged(digest, path) }
    Self.checked.withLock { _ = $0.insert(state) }
    return path
  }

  /// Files that were found whole.
  private static let checked = Mutex<Set<String>>([])

  static func damaged(_ digest: String, _ path: String) -> Failure {
    Failure(
      .format,
      "object \(digest.prefix(12)) of the workspace is damaged: it holds other bytes than were stored (\(path))",
      hint: "`verify --objects` lists what needs it; restore the file, or run the command that made it again")
  }

  private static func missing(_ digest: String, _ path: String) -> Failure {
    Failure(
      .missing, "object \(digest.prefix(12)) of the workspace is missing (\(path))",
      hint: "restore the file, or run the command that made it again")
  }

  /// Digests of all objects present.
  func all() -> [String] {
    let files = FileManager.default
    return (try? files.contentsOfDirectory(atPath: root))?.filter { $0.count == 2 }.flatMap { prefix in
      ((try? files.contentsOfDirectory(atPath: "\(root)/\(prefix)")) ?? []).map { prefix + $0 }
    } ?? []
  }

  func remove(_ digest: String) { unlink(Self.path(of: digest, in: root)) }

  func byteCount(_ digest: String) -> Int {
    var info = stat()
    return stat(path(of: digest), &info) == 0 ? Int(info.st_size) : 0
  }

  /// Seconds since 1970 at which the object was last written, read or renewed.
  func lastUse(_ digest: String) -> Double {
    var info = stat()
    return stat(path(of: digest), &info) == 0 ? Self.seconds(info) : 0
  }

  private static func seconds(_ info: stat) -> Double {
    [info.st_mtim, info.st_atim].map { Double($0.tv_sec) + Double($0.tv_nsec) * 1e-9 }.reduce(0, max)
  }

  /// Removes temporary files that were last used before `moment`: the processes that wrote them have ended.
  func removeAbandoned(before moment: Double) -> (count: Int, bytes: Int) {
    var removed = (count: 0, bytes: 0)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    where Self.temporaryPrefixes.contains(where: name.hasPrefix) {
      var info = stat()
      guard stat("\(root)/\(name)", &info) == 0, Self.seconds(info) < moment else { continue }
      unlink("\(root)/\(name)")
      removed.count += 1
      removed.bytes += Int(info.st_size)
    }
    return removed
  }

  /// Objects that are being written, also those of older vcsh's.
  private static let temporaryPrefixes = ["incoming-", ".vcsh-", ".dat.nosync"]

  static func digest(ofFile path: String) throws -> String {
    try RegularFile(path: path).digest()
  }

  static func sync(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw systemFailure("can't open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemFailure("can't sync \(path)") }
  }

  static func systemFailure(_ what: String) -> Failure {
    let code = errno
    return Failure(
      .system, "\(what): \(String(cString: strerror(code)))",
      hint: code == ENOSPC
        ? "the disk is full: `clean --caches`, or `drop` what you no longer need and `clean --undo`" : nil)
  }

  static func explain(_ error: any Error, path: String) -> any Error {
    let text = error as NSError
    guard [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains(text.domain) else { return error }
    let code = (text.userInfo[NSUnderlyingErrorKey] as? NSError)?.code ?? text.code
    return Failure(
      .system, "can't write to \(path): \(code == Int(ENOSPC) ? "no space left on device" : text.localizedDescription)",
      hint: code == Int(ENOSPC)
        ? "the disk is full: `clean --caches`, or `drop` what you no longer need and `clean --undo`" : nil)
  }
}
