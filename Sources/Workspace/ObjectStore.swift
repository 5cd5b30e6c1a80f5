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
  /// Nil for a store that only this process uses.
  let claims: ObjectClaims?

  init(root: String, fallback: String? = nil, claims: ObjectClaims? = nil) {
    self.root = root
    self.fallback = fallback
    self.claims = claims
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
    claims?.claim(digest)
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
    claims?.claim(digest)
    // What is there already need not be written and synced to find that out.
    if access(target, F_OK) == 0, (try? isWhole(digest)) == true {
      renew(digest)
      try Self.sync((target as NSString).deletingLastPathComponent)
      return digest
    }
    return try putFile(as: digest) { try Self.write(data, to: $0) }
  }

  /// Writes a new file without syncing it: `putFile` does that once.
  private static func write(_ data: Data, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemFailure("can't write \(path)", path: path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: data)
    try file.close()
  }

  /// Stores a file. `write` gets a path and writes the file there.
  ///
  /// - Parameter known: the digest of what it writes; nil where only the file tells.
  public func putFile(as known: String? = nil, writing write: (String) throws -> Void) throws -> String {
    // What the writing leaves when it is killed lies in a folder with the shell's name; `clean` asks whether that shell lives.
    let folder = claims?.incoming.map { "\(root)/\($0)" } ?? root
    let temporary = "\(folder)/incoming-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try write(temporary)
      let digest = try known ?? Self.digest(ofFile: temporary)
      claims?.claim(digest)
      let target = Self.path(of: digest, in: root)
      let shelf = (target as NSString).deletingLastPathComponent
      // An object that was damaged in the meantime is replaced.
      if access(target, F_OK) == 0, (try? isWhole(digest)) == true {
        renew(digest)
        unlink(temporary)
        try Self.sync(shelf)
        return digest
      }
      if access(shelf, F_OK) != 0 {
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        try Self.sync(root)
      }
      try Self.sync(temporary)
      guard rename(temporary, target) == 0 else { throw Self.systemFailure("can't keep \(target)", path: target) }
      try Self.sync(shelf)
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
    claims?.claim(digest)
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
    claims?.claim(digest)
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

  /// Removes what shells left that ended while they wrote an object.
  ///
  /// - Parameters:
  ///   - moment: files of older vcsh's, which do not say whose they are, go where they were last used before it.
  ///   - isAlive: whether a session's shell lives.
  func removeAbandoned(before moment: Double, isAlive: (String) -> Bool) -> (count: Int, bytes: Int) {
    let files = FileManager.default
    var removed = (count: 0, bytes: 0)
    func remove(_ path: String, _ info: stat) {
      unlink(path)
      removed.count += 1
      removed.bytes += Int(info.st_size)
    }
    for name in (try? files.contentsOfDirectory(atPath: root)) ?? []
    where Self.temporaryPrefixes.contains(where: name.hasPrefix) {
      let path = "\(root)/\(name)"
      var info = stat()
      guard lstat(path, &info) == 0 else { continue }
      if info.st_mode & S_IFMT != S_IFDIR {
        if Self.seconds(info) < moment { remove(path, info) }
      } else if !isAlive(String(name.dropFirst("incoming-".count))) {
        for inner in (try? files.contentsOfDirectory(atPath: path)) ?? [] {
          guard lstat("\(path)/\(inner)", &info) == 0 else { continue }
          remove("\(path)/\(inner)", info)
        }
        rmdir(path)
      }
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

  static func systemFailure(_ what: String, code: Int32 = errno, path: String = ".") -> Failure {
    Failure(
      .system, "\(what): \(SystemRefusal.reason(code, path))",
      hint: code == ENOSPC
        ? "the disk is full: `clean --caches`, or `drop` what you no longer need and `clean --undo`"
        : SystemRefusal.remedy(code, path))
  }

  static func explain(_ error: any Error, path: String) -> any Error {
    let text = error as NSError
    guard [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains(text.domain) else { return error }
    let underlying = text.userInfo[NSUnderlyingErrorKey] as? NSError
    let code = Int32(clamping: underlying?.code ?? (text.domain == NSPOSIXErrorDomain ? text.code : 0))
    guard code == 0 else { return systemFailure("can't write to \(path)", code: code, path: path) }
    return Failure(.system, "can't write to \(path): \(text.localizedDescription)")
  }
}
