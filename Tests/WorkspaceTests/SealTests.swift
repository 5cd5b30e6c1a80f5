import Base
import Foundation
import GRDB
import TestSupport
import Testing
import Workspace

/// What changed in the catalogue and was not written by vcsh is reported when it is opened.
@Suite("Checksums of the catalogue")
struct SealTests {
  let root: String
  private var path: String { root + "/workspace.sqlite" }

  init() throws {
    root = try Fixtures.temporaryFolder() + "/ws"
    let workspace = try Workspace.create(at: root, payloads: Payloads.all)
    for name in ["a", "b", "a"] {
      let entry = try workspace.begin(
        source: "make \(name)", origin: "test", folder: "/", inputs: [.init(role: "r", version: nil, detail: "d")])
      let digest = try workspace.objects.put(Data("\(name) \(entry)".utf8))
      var changes = Changes()
      changes.versions.append(
        .init(TablePayload(rows: 1, columns: ["a"], object: digest), name: name, replacing: .anything))
      changes.metrics.append(
        .init(
          version: nil, session: "s", stimulus: "t", split: "val", head: 0, variant: "", metric: "r", metricVersion: 1,
          cells: [(1, 0.5, nil), (2, nil, "no spikes")]))
      changes.cached.append(
        .init(
          answer: "k\(entry)", block: 0, kind: "features", twin: "t", stimulus: "s", frames: [0], digest: digest))
      changes.written.append(.init(path: "f", byteCount: 3, digest: digest))
      changes.names.variables.append(("x\(entry)", "1", nil))
      changes.names.definitions.append(("d\(entry)", "def d { }"))
      if entry == 2 { changes.snapshots.append(.take(name: "s", note: "n", replace: false)) }
      try workspace.finish(entry, status: .ok, seconds: 1, error: nil, result: digest, changes: changes)
    }
    let entry = try workspace.begin(source: "undo", origin: "test")
    var changes = Changes()
    changes.travels += try workspace.planUndo(count: 1)
    try workspace.finish(entry, status: .ok, seconds: 1, error: nil, result: nil, changes: changes)
  }

  private func change<T>(_ body: (Database) throws -> T) throws -> T {
    let catalogue = try DatabaseQueue(path: path)
    defer { try? catalogue.close() }
    return try catalogue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0; PRAGMA writable_schema = 1")
      return try body(db)
    }
  }

  /// Everything that can be asked of the catalogue.
  private func answers() throws -> String {
    let workspace = try Workspace(at: root, payloads: Payloads.all)
    let traffic = try workspace.traffic(of: [1, 2, 3, 4]).sorted { $0.key < $1.key }
    return """
      \(try workspace.history(limit: 99)) \(try workspace.names()) \(try workspace.snapshots()) \
      \(try workspace.cachedAnswers()) \(traffic) \(try workspace.variables())
      """
  }

  @Test("What vcsh writes, replaces and removes keeps its checksums")
  func sound() throws {
    _ = try answers()
    let workspace = try Workspace(at: root, payloads: Payloads.all)
    var changes = Changes()
    changes.dropped = ["b"]
    changes.snapshots.append(.delete(name: "s"))
    changes.names.variables.append(("x1", "2", nil))
    changes.names.droppedDefinitions.append("d1")
    try workspace.commit(changes, entry: try workspace.begin(source: "drop b", origin: "test"))
    _ = try workspace.clean(caches: true, dropped: true, undo: true)
    #expect(try answers().contains("drop b"))
    #expect(try change { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM seal WHERE part = 'cache'") } == 0)
  }

  @Test("A transaction that fails after it has written leaves the checksums as they were, and the next one is sealed")
  func failedTransaction() throws {
    let workspace = try Workspace(at: root, payloads: Payloads.all)
    let entry = try workspace.begin(source: "fail", origin: "test")
    var changes = Changes()
    changes.names.variables.append(("written", "1", nil))
    changes.snapshots.append(.take(name: "s2", note: nil, replace: false))
    // There is a snapshot `s` already: the transaction ends here, with rows written before.
    changes.snapshots.append(.take(name: "s", note: nil, replace: false))
    let failure = #expect(throws: Failure.self) { try workspace.commit(changes, entry: entry) }
    #expect(failure?.message == "there is a snapshot `s` already")
    _ = try answers()
    try workspace.finish(entry, status: .failed, seconds: 1, error: "x", result: nil, changes: Changes())
    #expect(try answers().contains("fail"))
    #expect(!(try answers().contains("written")))
  }

  @Test("Any value of any column that another program changes is reported with its table and row")
  func values() throws {
    // A calibration, so that no table is empty.
    do {
      let workspace = try Workspace(at: root, payloads: Payloads.all)
      let entry = try workspace.begin(source: "calibrate", origin: "test")
      var changes = Changes()
      changes.versions.append(
        .init(
          CalibrationPayload(
            mode: "gain", inSample: true, key: "k", bins: nil, session: "S", stimulus: "t", split: "all",
            cells: [.init(cid: 0, gain: 1, offset: 0, halves: [], reason: nil)]), name: nil))
      try workspace.finish(entry, status: .ok, seconds: 1, error: nil, result: nil, changes: changes)
    }
    let whole = try Data(contentsOf: URL(filePath: path))
    let columns = try change { db in
      try String.fetchAll(
        db,
        sql:
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'"
      ).flatMap { table in try db.columns(in: table).map { (table, $0.name) } }
    }
    #expect(columns.count > 60)
    for (table, column) in columns where (table, column) != ("entry", "process") {
      let changed = try change { db in
        // A value of the same type.
        try db.execute(
          sql: """
            UPDATE "\(table)" SET "\(column)" = CASE typeof("\(column)") WHEN 'integer' THEN "\(column)" + 7
              WHEN 'real' THEN "\(column)" + 0.25 WHEN 'null' THEN 'x' ELSE "\(column)" || '0' END
            WHERE "\(column)" IS (SELECT "\(column)" FROM "\(table)" LIMIT 1)
            """)
        return db.changesCount
      }
      #expect(changed > 0, "\(table) has no row")
      let failure = #expect(throws: Failure.self, "\(table).\(column)") { try answers() }
      // Of a changed checksum, vcsh says that the row which it is for is not as it was.
      let place = table == "seal" ? "" : "`\(table)` where `"
      #expect(
        failure?.message.hasPrefix("the catalogue is damaged: " + place) == true,
        "\(table).\(column): \(failure as Any)")
      try whole.write(to: URL(filePath: path))
    }
    _ = try answers()
  }

  @Test(
    "Rows that are gone, rows that vcsh did not write and views with another text are reported",
    arguments: [
      ("DELETE FROM metric WHERE cid = 2", "`metric`"), ("DELETE FROM name WHERE name = 'a'", "is gone"),
      ("INSERT INTO name VALUES ('c', 1)", "was not written by vcsh"), ("DELETE FROM seal", "`entry`"),
      ("UPDATE sqlite_master SET sql = replace(sql, 'min(', 'max(') WHERE type = 'view'", "tables and views"),
    ])
  func rows(_ sql: String, _ words: String) throws {
    try change { try $0.execute(sql: sql) }
    let failure = #expect(throws: Failure.self) { try answers() }
    #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
  }

  @Test(
    "Text beyond ASCII, text with a NUL or of other bytes than UTF-8, and bytes are sealed as they are read",
    arguments: [
      "'Grüße, 東京'", "CAST(x'61006263' AS TEXT)", "CAST(x'61ff62' AS TEXT)", "x'00ff10'", "''", "'eight ch'",
      "'9 letters'",
    ])
  func kinds(_ value: String) throws {
    try change { db in
      try db.execute(sql: "INSERT INTO variable VALUES (\(value), \(value), NULL, 1)")
      #expect(try !Seals.isWhole(db))
      try Seals.renew(db)
      #expect(try Seals.isWhole(db))
      try db.execute(sql: "UPDATE seal SET sum = sum + 1 WHERE part = 'entry' AND key = '2'")
      #expect(try !Seals.isWhole(db))
      try db.execute(sql: "UPDATE seal SET sum = sum - 1 WHERE part = 'entry' AND key = '2'")
      #expect(try Seals.isWhole(db))
      // What SQLite reads as the same number is not what vcsh wrote.
      try db.execute(sql: "UPDATE seal SET sum = CAST(sum AS BLOB) WHERE part = 'entry' AND key = '2'")
      #expect(try !Seals.isWhole(db))
    }
  }

  @Test("Repair names the changed rows, and its catalogue opens")
  func repair() throws {
    try change { try $0.execute(sql: "UPDATE name SET version = 2 WHERE name = 'a'") }
    let report = try Workspace.repair(at: root, payloads: Payloads.all)
    #expect(report.changed == ["`name` where `name` is a is not as vcsh wrote it"] && !report.isWhole)
    for ending in ["", "-journal"] { try? FileManager.default.removeItem(atPath: path + ending) }
    try FileManager.default.moveItem(atPath: report.path, toPath: path)
    #expect(try answers().contains("make a"))
  }

  @Test("A changed bit anywhere in the file is reported, or changes no answer", arguments: 0..<4)
  func bits(_ seed: UInt32) throws {
    let whole = try Data(contentsOf: URL(filePath: path))
    let before = try answers()
    var random = MersenneTwister(seed: seed)
    var reported = 0
    for _ in 0..<25 {
      var copy = whole
      let place = Int(random.nextWord()) % copy.count
      copy[place] ^= 1 << UInt8(random.nextWord() % 8)
      try copy.write(to: URL(filePath: path))
      do {
        let after = try answers()
        #expect(after == before, "byte \(place) of \(copy.count)")
      } catch is Failure {
        reported += 1
      }
    }
    #expect(reported > 0)
  }
}
