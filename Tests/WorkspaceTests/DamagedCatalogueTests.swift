import Base
import Foundation
import GRDB
import TestSupport
import Testing
import Workspace

/// One odd value in the catalogue: what is read says that it is damaged, and `repair` saves the rest.
@Suite("Damaged catalogues")
struct DamagedCatalogueTests {
  let root: String

  init() throws {
    root = try Fixtures.temporaryFolder() + "/ws"
    let workspace = try Workspace.create(at: root, payloads: Payloads.all)
    for name in ["a", "b", "c"] {
      let entry = try workspace.begin(source: "make \(name)", origin: "test")
      let digest = try workspace.objects.put(Data(name.utf8))
      var changes = Changes()
      changes.versions.append(.init(TablePayload(rows: 1, columns: ["a"], object: digest), name: name))
      try workspace.commit(changes, entry: entry)
      try workspace.finish(entry, status: .ok, seconds: 1, error: nil, result: nil)
    }
    let entry = try workspace.begin(source: "snapshot s", origin: "test")
    var changes = Changes()
    changes.snapshots.append(.take(name: "s", note: nil, replace: false))
    try workspace.finish(entry, status: .ok, seconds: 1, error: nil, result: nil, changes: changes)
  }

  /// - Parameter isSealed: as if the odd value had been there when the catalogue's checksums were made.
  private func damage(_ sql: String, isSealed: Bool = false) throws {
    let catalogue = try DatabaseQueue(path: root + "/workspace.sqlite")
    defer { try? catalogue.close() }
    try catalogue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0; PRAGMA writable_schema = 1")
      try db.execute(sql: sql)
      if isSealed { try Seals.renew(db) }
    }
  }

  @Test(
    "A value of another type is reported as damage, with its column",
    arguments: [
      ("UPDATE entry SET started = 'x' WHERE id = 2", "`started`"),
      ("UPDATE entry SET started = 1e300 WHERE id = 2", "`started`"),
      ("UPDATE entry SET seconds = 'x' WHERE id = 2", "`seconds`"),
      ("UPDATE entry SET source = x'ff00' WHERE id = 2", "`source`"),
      ("UPDATE entry SET status = 'odd' WHERE id = 2", "CHECK constraint failed in entry"),
      ("UPDATE snapshot SET created = 'x'", "`created`"),
      ("UPDATE snapshot_pointer SET version = 'x'", "`version`"),
      ("UPDATE version SET payload = x'ff' WHERE id = 2", "`payload`"),
    ])
  func odd(_ sql: String, _ column: String) throws {
    try damage(sql, isSealed: true)
    let failure = #expect(throws: Failure.self) {
      let workspace = try Workspace(at: root, payloads: Payloads.all)
      _ = try workspace.history(limit: 10)
      _ = try workspace.snapshots()
      _ = try workspace.planRestore("s")
      _ = try workspace.names()
    }
    #expect(failure?.message.hasPrefix("the catalogue is damaged: ") == true, "\(String(describing: failure))")
    #expect(failure?.message.contains(column) == true && failure?.hint?.contains("vcsh repair") == true)
  }

  @Test("When a table's numbers are used up, the failure names the table and not a full disk")
  func usedUp() throws {
    try damage("UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'entry'")
    let workspace = try Workspace(at: root, payloads: Payloads.all)
    let failure = #expect(throws: Failure.self) { try workspace.begin(source: "x", origin: "test") }
    #expect(failure?.message.contains("the numbers of the table `entry` are used up") == true)
  }

  @Test("Repair of a whole catalogue keeps every row, and the original keeps its bytes")
  func whole() throws {
    let before = try Data(contentsOf: URL(filePath: root + "/workspace.sqlite"))
    let report = try Workspace.repair(at: root, payloads: Payloads.all)
    #expect(report.isWhole, "\(report)")
    let kept = Dictionary(uniqueKeysWithValues: report.tables.map { ($0.name, $0.kept) })
    // Three entries made a version each, and a fourth took the snapshot.
    let tables = ["entry", "version", "name", "snapshot", "snapshot_pointer"]
    #expect(tables.map { kept[$0] } == [4, 3, 3, 1, 3])
    #expect(try Data(contentsOf: URL(filePath: root + "/workspace.sqlite")) == before)
    let again = #expect(throws: Failure.self) { try Workspace.repair(at: root, payloads: Payloads.all) }
    #expect(again?.kind == .conflict)
    #expect(try names(of: report) == ["a", "b", "c"])
  }

  /// The names in the repaired catalogue, once it stands in place of the old one.
  private func names(of report: RepairReport) throws -> [String] {
    let files = FileManager.default
    for ending in ["", "-journal"] { try? files.removeItem(atPath: root + "/workspace.sqlite" + ending) }
    try files.moveItem(atPath: report.path, toPath: root + "/workspace.sqlite")
    let workspace = try Workspace(at: root, payloads: Payloads.all)
    _ = try workspace.history(limit: 10)
    _ = try workspace.snapshots()
    let entry = try workspace.begin(source: "go on", origin: "test")
    try workspace.finish(entry, status: .ok, seconds: 0, error: nil, result: nil)
    return try workspace.names().map(\.name)
  }

  @Test(
    "Repair saves what does not depend on the odd value",
    arguments: [
      ("UPDATE entry SET started = 'x', seconds = 'y', source = x'ff' WHERE id = 2", ["a", "b", "c"]),
      ("UPDATE entry SET status = 'odd'", ["a", "b", "c"]),
      ("UPDATE version SET payload = x'00' WHERE id = 2", ["a", "c"]),
      ("UPDATE version SET kind = 'nothing' WHERE id = 1", ["b", "c"]),
      ("UPDATE entry SET id = 9223372036854775807 WHERE id = 3", ["a", "b"]),
    ])
  func saves(_ sql: String, _ names: [String]) throws {
    try damage(sql)
    let report = try Workspace.repair(at: root, payloads: Payloads.all)
    #expect(!report.isWhole)
    #expect(try self.names(of: report) == names)
  }

  @Test("Repair of overwritten pages gives a catalogue that opens, or says that nothing can be read", arguments: 0..<12)
  func pages(_ seed: UInt32) throws {
    let path = root + "/workspace.sqlite"
    var data = try Data(contentsOf: URL(filePath: path))
    var random = MersenneTwister(seed: seed)
    for _ in 0..<3 {
      let start = 4096 + Int(random.nextWord()) % (data.count - 4096 - 64)
      for place in start..<start + 64 { data[place] = UInt8(truncatingIfNeeded: random.nextWord()) }
    }
    try data.write(to: URL(filePath: path))
    var report: RepairReport?
    do {
      report = try Workspace.repair(at: root, payloads: Payloads.all)
    } catch let failure as Failure {
      #expect(failure.kind == .format, "\(failure)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: root)
    #expect(files.allSatisfy { !$0.hasPrefix("repair-") })
    #expect(files.contains("workspace.repaired.sqlite") == (report != nil))
    // The new catalogue opens, whatever it lacks.
    if let report { #expect(Set(try names(of: report)).isSubset(of: ["a", "b", "c"])) }
  }

  @Test("An entry of a process that ended on another host is marked as interrupted")
  func otherHost() throws {
    do {
      let workspace = try Workspace(at: root, payloads: Payloads.all)
      _ = try workspace.begin(source: "long work", origin: "test")
      try damage(
        "UPDATE entry SET process = 'elsewhere 1 1', session = 'dead-beef' WHERE status = 'running'", isSealed: true)
    }
    let workspace = try Workspace(at: root, payloads: Payloads.all)
    #expect(try workspace.history(limit: 1).first?.status == .interrupted)
  }

  @Test("The running entry of a living shell stays as it is, whatever its host is called")
  func livingShell() throws {
    let first = try Workspace(at: root, payloads: Payloads.all)
    let entry = try first.begin(source: "long work", origin: "test")
    try damage("UPDATE entry SET process = 'elsewhere 1 1' WHERE status = 'running'")
    let second = try Workspace(at: root, payloads: Payloads.all)
    #expect(try second.entry(entry).status == .running)
    try first.finish(entry, status: .ok, seconds: 0, error: nil, result: nil)
    #expect(try second.entry(entry).status == .ok)
  }

  @Test("An object with other bytes than were stored is refused at every use, until it is stored again")
  func swapped() throws {
    let workspace = try Workspace(at: root, payloads: Payloads.all)
    let digest = try workspace.objects.put(Data("right".utf8))
    let path = try workspace.objects.checkedPath(of: digest)
    try Data("wrong".utf8).write(to: URL(filePath: path))
    let failure = #expect(throws: Failure.self) { try workspace.objects.checkedPath(of: digest) }
    #expect(failure?.message.contains("holds other bytes than were stored") == true)
    let again = #expect(throws: Failure.self) { try workspace.objects.checkedPath(of: digest) }
    #expect(again == failure)
    #expect(try workspace.objects.put(Data("right".utf8)) == digest)
    #expect(try workspace.objects.checkedPath(of: digest) == path)
    try FileManager.default.removeItem(atPath: path)
    let missing = #expect(throws: Failure.self) { try workspace.objects.checkedPath(of: digest) }
    #expect(missing?.kind == .missing)
  }

  @Test("An entry whose result is gone is not recorded as done")
  func goneResult() throws {
    let workspace = try Workspace(at: root, payloads: Payloads.all)
    let entry = try workspace.begin(source: "x", origin: "test")
    let result = try workspace.objects.put(Data("result".utf8))
    try FileManager.default.removeItem(atPath: workspace.objects.path(of: result))
    let failure = #expect(throws: Failure.self) {
      try workspace.finish(entry, status: .ok, seconds: 0, error: nil, result: result)
    }
    #expect(failure?.message.contains("was removed from the workspace before it was recorded") == true)
    #expect(try workspace.entry(entry).status == .running)
  }
}
