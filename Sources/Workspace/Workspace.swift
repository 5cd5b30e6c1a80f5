import Base
import Foundation
import GRDB
import Synchronization

/// A workspace: catalogue, object store, history. Many processes may have it open; each write is one transaction.
public final class Workspace: Sendable {
  public let root: String
  public let objects: ObjectStore
  let payloads: PayloadTable
  let database: DatabaseQueue
  private let seals: SealKeeper
  /// Identifies the entries of this process in the history.
  public let session: String
  /// The folder that stored paths are relative to: the root, except in a scratch workspace.
  public let fileRoot: String

  /// Whether the running entry takes something away: it alone may use the room that the reserve file keeps.
  private let maySpendReserve = Atomic<Bool>(false)

  /// Tells other shells that this one lives, and which objects it uses.
  let claims: ObjectClaims

  static let catalogueName = "workspace.sqlite"
  /// How long a command waits for another process's lock.
  private static let busySeconds = 10
  /// The size of the reserve file, which is deleted when the disk is full so that objects can still be removed.
  static let reserveBytes = 1 << 20

  /// Opens the workspace at `root` and marks entries whose process died as interrupted.
  ///
  /// - Parameter payloads: the kinds of objects that it can read.
  public convenience init(at root: String, payloads: PayloadTable) throws {
    let path = root + "/" + Self.catalogueName
    guard access(path, F_OK) == 0 else {
      if errno == EACCES {
        throw Failure(.system, "no permission to look into \(root)", hint: "ask its owner for permission to read it")
      }
      throw Failure(
        .missing, "no workspace at \(root)", hint: Suggestion.hint(forPath: root) ?? "make one with `vcsh init \(root)`"
      )
    }
    // SQLite must not open a pipe or a device that stands under that name.
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw Failure(.format, "\(path) is not a vcsh catalogue: a file is needed", hint: "restore it from a copy")
    }
    try self.init(root: root, payloads: payloads, isNew: false)
  }

  /// Makes a new workspace at `root`, which may be an existing folder without one.
  public static func create(at root: String, payloads: PayloadTable) throws -> Workspace {
    let files = FileManager.default
    let absolute = URL(filePath: root).standardizedFileURL.path
    guard !files.fileExists(atPath: absolute + "/" + catalogueName) else {
      throw Failure(.conflict, "\(root) already holds a workspace", hint: "open it with `vcsh -w \(root)`")
    }
    do {
      for folder in ["objects", "figures", "recipes"] {
        try files.createDirectory(atPath: absolute + "/" + folder, withIntermediateDirectories: true)
      }
      try Data(count: reserveBytes).write(to: URL(filePath: absolute + "/reserve"))
    } catch {
      throw Failure(.system, "can't make a workspace at \(root): \(error.localizedDescription)")
    }
    return try Workspace(root: absolute, payloads: payloads, isNew: true)
  }

  /// The nearest workspace: `folder` itself or the first folder above it that is one.
  public static func find(from folder: String) -> String? {
    var url = URL(filePath: folder).standardizedFileURL
    while true {
      if FileManager.default.fileExists(atPath: url.appending(path: catalogueName).path) { return url.path }
      let parent = url.deletingLastPathComponent()
      if parent.path == url.path || url.path == "/" { return nil }
      url = parent
    }
  }

  /// - Parameter original: the workspace that this one is a scratch copy of.
  init(root: String, payloads: PayloadTable, isNew: Bool, scratchOf original: Workspace? = nil) throws {
    self.root = URL(filePath: root).standardizedFileURL.path
    fileRoot = original?.fileRoot ?? self.root
    self.payloads = payloads
    session = UUID().uuidString
    claims = ObjectClaims(SessionLease(session, in: self.root), session: session, in: self.root)
    objects = ObjectStore(root: self.root + "/objects", fallback: original?.objects.root, claims: claims)
    var configuration = Configuration()
    configuration.label = "workspace"
    configuration.busyMode = .timeout(TimeInterval(Self.busySeconds))
    configuration.prepareDatabase { db in
      // A rollback journal, not WAL: Debian's SQLite 3.40 has the WAL-reset fault that two sessions can hit.
      // The journal's file stays, so that a transaction changes no folder: one that is made and removed costs several times
      // as much to sync.
      try db.execute(sql: "PRAGMA journal_mode = PERSIST")
      try db.execute(sql: "PRAGMA journal_size_limit = 1000000")
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    let path = self.root + "/" + Self.catalogueName
    if !isNew { try Self.checkWritable([self.root, path, objects.root]) }
    do {
      database = try DatabaseQueue(path: path, configuration: configuration)
      let form = try database.read { db in
        (
          isKnown: try !Schema.migrator.appliedIdentifiers(db).isEmpty,
          isNewer: try Schema.migrator.hasBeenSuperseded(db),
          isCurrent: try Schema.migrator.hasCompletedMigrations(db)
        )
      }
      guard isNew || form.isKnown else {
        throw Failure(.format, "\(path) is not a vcsh catalogue", hint: "restore it from a copy")
      }
      guard isNew || !form.isNewer else { throw Self.isNewer(path: path) }
      if !form.isCurrent {
        try isNew ? Self.makeTables(in: database, at: path) : Schema.migrator.migrate(database)
        try database.write(Seals.renewSchema)
      }
      // A copy was checked where it was made from.
      if !isNew, original == nil { try database.read(Seals.check) }
      seals = try database.writeWithoutTransaction { try SealKeeper($0) }
    } catch {
      throw Self.explain(error, path: path, holder: LockHolder.process(of: path).map(LockHolder.words))
    }
    // On a full disk the workspace opens all the same: what is there can be read, and room can be made.
    do { try markInterruptedEntries() } catch  where Self.isFullDisk(error) {}
    if original == nil { restoreReserve() }
  }

  /// The catalogue stays open until the process ends: the system closes it in a fraction of the time that its library takes.
  /// SQLite has nothing left to write then; each entry is written when it ends.
  public func keepOpen() { _ = Unmanaged.passRetained(database) }

  static func isNewer(path: String) -> Failure {
    Failure(
      .unsupported, "\(path) was written by a newer vcsh, which this one can't read; nothing was changed",
      hint: "update vcsh, or make another workspace with `vcsh init FOLDER`")
  }

  /// The tables of a new catalogue. It holds nothing that could be lost, so the disk is waited for once at the end, not in each
  /// of the steps by which older catalogues got to this form.
  private static func makeTables(in database: DatabaseQueue, at path: String) throws {
    try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
    try Schema.migrator.migrate(database)
    try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    let file = FileHandle(forWritingAtPath: path)
    try file?.synchronize()
    try file?.close()
  }

  /// Every entry is recorded before it runs, so a workspace that can't be written can't be used at all.
  private static func checkWritable(_ paths: [String]) throws {
    for path in paths where access(path, F_OK) == 0 && access(path, W_OK) != 0 {
      throw Failure(
        .system, "the workspace is read-only: no permission to write \(path)",
        hint: "ask its owner for write permission, or work in a copy of your own: `cp -r`, then `vcsh -w COPY`")
    }
  }

  // MARK: Reading and writing

  /// Says whether the entry that is about to run takes something away.
  public func willRun(takingAway: Bool) { maySpendReserve.store(takingAway, ordering: .relaxed) }

  /// Makes the room that the reserve file keeps, if the running entry takes something away.
  public func spendReserve() -> Bool {
    maySpendReserve.load(ordering: .relaxed) && unlink(root + "/reserve") == 0
  }

  /// Whether a failure says that the disk has no room.
  public static func isFullDisk(_ error: any Error) -> Bool {
    (error as? Failure).map { $0.kind == .system && $0.message.lowercased().contains("no space left") } ?? false
  }

  private static let fullDisk = "no space left for the catalogue in "

  func read<T>(_ body: (Database) throws -> T) throws -> T {
    do { return try database.read(body) } catch { throw Self.explain(error, path: root, holder: holder(after: error)) }
  }

  func write<T>(_ body: (Database) throws -> T) throws -> T {
    func sealed(_ db: Database) throws -> T {
      seals.forget()
      let result = try body(db)
      try seals.seal(db)
      return result
    }
    do {
      return try database.write(sealed)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
      try checkNumbers()
      // Removing objects must work on a full disk, and nothing else may use up the room for it.
      guard spendReserve() else {
        throw Self.explain(error, path: root, holder: nil)
      }
      do {
        return try database.write(sealed)
      } catch { throw Self.explain(error, path: root, holder: nil) }
    } catch {
      throw Self.explain(error, path: root, holder: holder(after: error))
    }
  }

  /// SQLite says that the disk is full, too, where a table has used its last number.
  private func checkNumbers() throws {
    let used = try? database.read { db in
      try String.fetchOne(
        db,
        sql: """
          SELECT name FROM sqlite_sequence WHERE seq >= ?1
          UNION SELECT 'entry' WHERE (SELECT MAX(id) FROM entry) >= ?1
          UNION SELECT 'version' WHERE (SELECT MAX(id) FROM version) >= ?1
          UNION SELECT 'step' WHERE (SELECT MAX(id) FROM step) >= ?1
          """, arguments: [Int64.max - 1])
    }
    if let table = used ?? nil { throw CatalogueDamage.failure("the numbers of the table `\(table)` are used up") }
  }

  /// The process that holds the lock, and what it runs where the catalogue can be read: without that list, another process
  /// with a running entry.
  private func holder(after error: any Error) -> String? {
    guard let code = (error as? DatabaseError)?.resultCode, code == .SQLITE_BUSY || code == .SQLITE_LOCKED else {
      return nil
    }
    let pid = LockHolder.process(of: root + "/" + Self.catalogueName)
    let rows = try? database.read { db in
      // Who holds the lock may keep the catalogue from being read, and one wait was enough.
      try db.execute(sql: "PRAGMA busy_timeout = 0")
      defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Self.busySeconds * 1000)") }
      return try Row.fetchAll(db, sql: "SELECT source, process FROM entry WHERE status = 'running' ORDER BY id DESC")
    }
    for row in rows ?? [] {
      guard let text: String = try? row.value("process"), let process = ProcessIdentity(encoded: text),
        process != .current, pid == nil || process.isHere && process.pid == pid,
        let source: String = try? row.value("source")
      else { continue }
      return "process \(process.pid) on \(process.host), which runs `\(source.prefix(60))`"
    }
    return pid.map(LockHolder.words)
  }

  private static func explain(_ error: any Error, path: String, holder: String?) -> any Error {
    if let error = error as? RowDecodingError { return CatalogueDamage.failure("\(error)".shortened) }
    guard let error = error as? DatabaseError else { return error }
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return Failure(
        .conflict, "the workspace is locked by " + (holder ?? "another process"), hint: "try again when it is done")
    case .SQLITE_FULL:
      return Failure(
        .system, "\(fullDisk)\(path)",
        hint: "`clean --caches`, or `drop` what you no longer need and `clean --undo`")
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      return Failure(
        .format, "\(path) is not a vcsh catalogue, or is damaged",
        hint: "restore it from a copy, or `vcsh repair DIR` saves what can be read into a new catalogue")
    // SQLite keeps the system's reason to itself. It opens up to four files for one transaction.
    case .SQLITE_CANTOPEN where SystemRefusal.lacksDescriptors(4):
      return ObjectStore.systemFailure("can't open \(path)", code: EMFILE, path: path)
    case .SQLITE_CANTOPEN where SystemRefusal.hasNoInodes(path), .SQLITE_IOERR where SystemRefusal.hasNoInodes(path):
      return ObjectStore.systemFailure("can't write to the workspace at \(path)", code: ENOSPC, path: path)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      return Failure(.system, "can't write to the workspace at \(path)", hint: "check its permissions")
    default:
      return Failure(
        .system, "the catalogue can't be used: \(error.message ?? "SQLite error \(error.resultCode.rawValue)")")
    }
  }

  // MARK: Paths

  /// A path as it is stored: relative to the workspace if the file is inside it, else absolute.
  public func stored(path: String) -> String {
    let absolute = URL(filePath: path).standardizedFileURL.path
    if absolute == fileRoot { return "." }
    return absolute.hasPrefix(fileRoot + "/") ? String(absolute.dropFirst(fileRoot.count + 1)) : absolute
  }

  /// The absolute path for a stored one.
  public func absolute(path: String) -> String {
    path.hasPrefix("/") ? path : path == "." ? fileRoot : fileRoot + "/" + path
  }
}
