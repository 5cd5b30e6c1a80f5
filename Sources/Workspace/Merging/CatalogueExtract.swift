import Base
import Foundation
import GRDB

/// Rows of another workspace's catalogue that belong together, read at one moment.
struct CatalogueExtract {
  struct Entry {
    var id: Int64
    var session: String
    var source: String
    var origin: String
    var started: Double
    var seconds: Double?
    var status: String
    var error: String?
    var result: String?
    var process: String
    var folder: String?

    /// No two entries have the same: a session is one process.
    var key: String { "\(session) \(started.bitPattern)" }
  }

  struct Version {
    var id: Int64
    var label: String
    var entry: Int64
    var parent: Int64?
    var created: Double
    var payload: any Payload
  }

  struct Input {
    var entry: Int64
    var role: String
    var version: Int64?
    var detail: String
  }

  /// The root of the workspace that it is from.
  var root: String
  /// Those that have ended.
  var entries: [Entry] = []
  /// In the order in which they were made.
  var versions: [Version] = []
  var inputs: [Input] = []
  /// The columns of the table `metric`, in its order.
  var metrics: [(entry: Int64, version: Int64?, values: [DatabaseValue])] = []
  var written: [(entry: Int64, file: WrittenFile)] = []
  var names: [(name: String, version: Int64)] = []
  var calibrations: [(key: String, version: Int64)] = []
  /// Entries that still run.
  var runningCount = 0

  func object(_ digest: String) -> String { "\(root)/objects/\(digest.prefix(2))/\(digest.dropFirst(2))" }

  static let metricColumns =
    "session, stimulus, split, head, variant, cid, metric, metric_version, value, reason"

  /// All of the workspace at `root`, which another process may be working in.
  ///
  /// - Throws: `missing` where there is none; `unsupported` for one of another version of vcsh.
  init(root: String, payloads: PayloadTable) throws {
    self.root = root
    let path = root + "/" + Workspace.catalogueName
    guard access(path, F_OK) == 0 else { throw Failure(.missing, "no workspace at \(root)") }
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    do {
      let database = try DatabaseQueue(path: path, configuration: configuration)
      defer { try? database.close() }
      guard
        try database.read({ try Schema.migrator.hasCompletedMigrations($0) && !Schema.migrator.hasBeenSuperseded($0) })
      else {
        throw Failure(
          .unsupported, "\(path) was written by another version of vcsh",
          hint: "open it once: `vcsh -w \(root) -c status`")
      }
      try database.read { db in try read(db, payloads) }
    } catch let error as DatabaseError {
      throw Failure(.format, "\(path) can't be read: \(error.message ?? "\(error.resultCode)")")
    }
  }

  private mutating func read(_ db: Database, _ payloads: PayloadTable) throws {
    runningCount = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM entry WHERE status = 'running'") ?? 0
    entries = try Row.fetchAll(db, sql: "SELECT * FROM entry WHERE status <> 'running' ORDER BY id").map(Self.entry)
    let ended = "(SELECT id FROM entry WHERE status <> 'running')"
    versions = try Row.fetchAll(db, sql: "SELECT * FROM version WHERE entry IN \(ended) ORDER BY id").map {
      try Self.version($0, payloads)
    }
    inputs = try Row.fetchAll(db, sql: "SELECT * FROM input WHERE entry IN \(ended) ORDER BY rowid").map(Self.input)
    metrics = try Row.fetchAll(
      db, sql: "SELECT entry, version, \(Self.metricColumns) FROM metric WHERE entry IN \(ended) ORDER BY rowid"
    ).map { row in
      (try row.value("entry"), try row.optional("version"), Array(row.databaseValues.dropFirst(2)))
    }
    written = try Row.fetchAll(db, sql: "SELECT * FROM written WHERE entry IN \(ended) ORDER BY rowid").map { row in
      (
        try row.value("entry"),
        WrittenFile(path: try row.value("path"), byteCount: try row.value("bytes"), digest: try row.value("digest"))
      )
    }
    try readPointers(db)
  }

  private mutating func readPointers(_ db: Database) throws {
    names = try Row.fetchAll(db, sql: "SELECT name, version FROM name ORDER BY name").map {
      (try $0.value("name"), try $0.value("version"))
    }
    calibrations = try Row.fetchAll(db, sql: "SELECT key, version FROM calibration ORDER BY key").map {
      (try $0.value("key"), try $0.value("version"))
    }
  }

  /// What some names of a workspace stand for, with all that it was made from, without the results of entries.
  init(_ names: [String], of workspace: Workspace) throws {
    root = workspace.fileRoot
    try workspace.read { db in
      try readPointers(db)
      self.names = self.names.filter { names.contains($0.name) }
      try readAncestry(of: self.names.map(\.version) + calibrations.map(\.version), db, workspace.payloads)
    }
  }

  private mutating func readAncestry(of roots: [Int64], _ db: Database, _ payloads: PayloadTable) throws {
    var found: [Int64: Version] = [:]
    var entries: [Int64: Entry] = [:]
    var open = Set(roots)
    while let id = open.popFirst() {
      guard found[id] == nil, let row = try Row.fetchOne(db, sql: "SELECT * FROM version WHERE id = ?", arguments: [id])
      else { continue }
      let version = try Self.version(row, payloads)
      found[id] = version
      open.formUnion([version.parent].compactMap(\.self) + version.payload.sources)
      guard entries[version.entry] == nil,
        let entry = try Row.fetchOne(db, sql: "SELECT * FROM entry WHERE id = ?", arguments: [version.entry])
      else { continue }
      var record = try Self.entry(entry)
      record.result = nil
      if record.status == "running" { record.status = "ok" }
      entries[version.entry] = record
      let inputs = try Row.fetchAll(
        db, sql: "SELECT * FROM input WHERE entry = ? ORDER BY rowid", arguments: [version.entry]
      ).map(Self.input)
      self.inputs += inputs
      open.formUnion(inputs.compactMap(\.version))
    }
    self.entries = entries.values.sorted { $0.id < $1.id }
    versions = found.values.sorted { $0.id < $1.id }
  }

  private static func entry(_ row: Row) throws -> Entry {
    Entry(
      id: try row.value("id"), session: try row.value("session"), source: try row.value("source"),
      origin: try row.value("origin"), started: try row.value("started"), seconds: try row.optional("seconds"),
      status: try row.value("status"), error: try row.optional("error"), result: try row.optional("result"),
      process: try row.value("process"), folder: try row.optional("folder"))
  }

  private static func version(_ row: Row, _ payloads: PayloadTable) throws -> Version {
    Version(
      id: try row.value("id"), label: try row.value("label"), entry: try row.value("entry"),
      parent: try row.optional("parent"), created: try row.value("created"),
      payload: try payloads.decode(kind: try row.value("kind"), try row.value("payload")))
  }

  private static func input(_ row: Row) throws -> Input {
    Input(
      entry: try row.value("entry"), role: try row.value("role"), version: try row.optional("version"),
      detail: try row.value("detail"))
  }
}
