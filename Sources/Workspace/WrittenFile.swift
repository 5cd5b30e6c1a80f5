import Base
import Foundation
import GRDB

/// A file that a command wrote for the user: a table, predictions, a figure.
public struct WrittenFile: Sendable, Equatable {
  /// As `FileReference.path`.
  public var path: String
  public var byteCount: Int
  /// SHA-256 of all its bytes.
  public var digest: String

  public init(path: String, byteCount: Int, digest: String) {
    self.path = path
    self.byteCount = byteCount
    self.digest = digest
  }
}

extension Workspace {
  /// The size and digest of a file that was just written, for the catalogue.
  public func written(_ path: String) throws -> WrittenFile {
    let file = try RegularFile(path: path)
    return WrittenFile(path: stored(path: path), byteCount: file.size, digest: try file.digest())
  }

  /// The files that an entry wrote, in order.
  public func files(writtenBy entry: Int64) throws -> [WrittenFile] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM written WHERE entry = ? ORDER BY rowid", arguments: [entry]).map(
        Self.file)
    }
  }

  /// The last entry that wrote the file at this path (in the form of `stored(path:)`).
  public func writer(of path: String) throws -> (entry: Int64, file: WrittenFile)? {
    try read { db in
      try Row.fetchOne(
        db, sql: "SELECT * FROM written WHERE path = ? ORDER BY rowid DESC LIMIT 1", arguments: [path]
      ).map { (try $0.value("entry"), try Self.file($0)) }
    }
  }

  /// Every written file once, with the entry that wrote it last.
  public func writtenFiles() throws -> [(entry: Int64, file: WrittenFile)] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: "SELECT * FROM written WHERE rowid IN (SELECT MAX(rowid) FROM written GROUP BY path) ORDER BY path"
      ).map { (try $0.value("entry"), try Self.file($0)) }
    }
  }

  private static func file(_ row: Row) throws -> WrittenFile {
    WrittenFile(path: try row.value("path"), byteCount: try row.value("bytes"), digest: try row.value("digest"))
  }
}
