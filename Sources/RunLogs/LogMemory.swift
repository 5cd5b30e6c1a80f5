import Base
import Foundation
import Synchronization

/// Where the reading of growing logs ended, and what had been read by then. Several threads may use it.
///
/// A log is read on only where it is still the file that was read: the same file of the file system, no shorter than what
/// was read of it, with the same bytes at its front and before the place where reading ended. Whatever else it is (rewritten,
/// rotated, replaced), it is read whole. Logs that were not written to for ten minutes are not remembered.
public final class LogMemory: Sendable {
  private struct Key: Hashable {
    var path: String
    var kind: ObjectIdentifier
  }

  private struct Entry {
    var log: any GrowingLog
    var inode: UInt64
    /// The first bytes of the file, and those before the place where reading ended.
    var head: Data
    var tail: Data
    /// When it was read last, in seconds since 1970.
    var time: Double
  }

  private struct Kept {
    var entries: [Key: Entry] = [:]
    var byteCount = 0
  }

  static let sizeLimit = 1 << 30
  private static let checkedBytes = 256
  private static let freshSeconds = 600.0
  private let kept = Mutex(Kept())
  /// More numbers in all are not kept: about 48 MB.
  private let pointLimit: Int

  public init(pointLimit: Int = 1_500_000) { self.pointLimit = pointLimit }

  /// Bytes that were read of logs, in all; those that were skipped do not count.
  package var byteCount: Int { kept.withLock { $0.byteCount } }

  /// What was read of this file; nil where it has to be read from its front.
  func resumed<Log: GrowingLog>(_ file: RegularFile, as kind: Log.Type) throws -> Log? {
    let key = Key(path: file.path, kind: ObjectIdentifier(kind))
    // Taken out, so that its arrays are not copied when they grow.
    let entry = kept.withLock { $0.entries.removeValue(forKey: key) }
    guard let entry, let log = entry.log as? Log, LogIdentity(file.path)?.inode == entry.inode,
      log.consumed <= file.size, try Self.head(file, log.consumed) == entry.head,
      try Self.tail(file, log.consumed) == entry.tail
    else {
      count(file.size)
      return nil
    }
    count(file.size - log.consumed)
    return log
  }

  func keep<Log: GrowingLog>(_ log: Log, of file: RegularFile) throws {
    guard log.consumed > 0, log.pointCount <= pointLimit, let identity = LogIdentity(file.path),
      Date().timeIntervalSince1970 - identity.modified < Self.freshSeconds
    else { return }
    let entry = Entry(
      log: log, inode: identity.inode, head: try Self.head(file, log.consumed),
      tail: try Self.tail(file, log.consumed), time: Date().timeIntervalSince1970)
    kept.withLock { kept in
      func points() -> Int { kept.entries.values.reduce(log.pointCount) { $0 + $1.log.pointCount } }
      if points() > pointLimit {
        kept.entries = kept.entries.filter { entry.time - $0.value.time < Self.freshSeconds }
      }
      // Logs are looked at in turn: what is kept stays, or each would be forgotten before its turn comes again.
      guard points() <= pointLimit else { return }
      kept.entries[Key(path: file.path, kind: ObjectIdentifier(Log.self))] = entry
    }
  }

  private func count(_ bytes: Int) { kept.withLock { $0.byteCount += bytes } }

  private static func head(_ file: RegularFile, _ end: Int) throws -> Data {
    try file.read(0..<min(end, checkedBytes))
  }

  private static func tail(_ file: RegularFile, _ end: Int) throws -> Data {
    try file.read(max(0, end - checkedBytes)..<end)
  }
}

extension GrowingLog {
  /// Reads a log from its front, or on from where an earlier reading ended.
  ///
  /// - Parameters:
  ///   - opened: the file, where it is open.
  ///   - fresh: the log before anything was read.
  ///   - memory: of earlier readings; nil to read the whole file.
  /// - Throws: what is wrong with the file; `mismatch` where it changes faster than it is read.
  static func read(_ path: String, opened: RegularFile? = nil, fresh: Self, memory: LogMemory?) throws -> Self {
    let attempts = 3
    for attempt in 1... {
      do {
        let file = try (attempt == 1 ? opened : nil) ?? RegularFile(path: path)
        guard file.size <= LogMemory.sizeLimit else {
          throw Failure(
            .unsupported, "\(path): \(file.size) bytes; vcsh reads logs of this kind of up to \(LogMemory.sizeLimit)")
        }
        var log = try memory?.resumed(file, as: Self.self) ?? fresh
        try log.take(file)
        try memory?.keep(log, of: file)
        return log
      } catch let failure as Failure where failure.kind == .mismatch && attempt < attempts {
        continue
      }
    }
    return fresh
  }
}

/// Which file of the file system a path is, and when it was last written to.
private struct LogIdentity {
  let inode: UInt64
  /// Seconds since 1970.
  let modified: Double

  /// - Returns: nil where there is no file.
  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    inode = UInt64(info.st_ino)
    modified = Double(info.st_mtim.tv_sec) + Double(info.st_mtim.tv_nsec) / 1e9
  }
}
