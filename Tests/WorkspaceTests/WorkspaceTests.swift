import Base
import Foundation
import GRDB
import TestSupport
import Testing
import Workspace

@Suite("Workspace")
struct WorkspaceTests {
  let folder: String
  let workspace: Workspace

  init() throws {
    folder = try Fixtures.temporaryFolder()
    workspace = try Workspace.create(at: folder + "/ws", payloads: Payloads.all)
  }

  static let table = TablePayload(rows: 0, columns: [], object: "")

  func keep(
    _ name: String, _ text: String = "x", replacing: Changes.NewVersion.Replacing = .nothing
  ) throws -> Int64 {
    let entry = try workspace.begin(source: "keep \(name)", origin: "test")
    let digest = try workspace.objects.put(Data(text.utf8))
    var changes = Changes()
    changes.versions.append(
      .init(TablePayload(rows: 1, columns: ["a"], object: digest), name: name, replacing: replacing))
    try workspace.commit(changes, entry: entry)
    try workspace.finish(entry, status: .ok, seconds: 0, error: nil, result: nil)
    return entry
  }

  @Test("A folder becomes a workspace once, and is found from below")
  func createsAndFinds() throws {
    let below = folder + "/ws/figures"
    #expect(Workspace.find(from: below) == workspace.root)
    let failure = #expect(throws: Failure.self) { try Workspace.create(at: folder + "/ws", payloads: Payloads.all) }
    #expect(failure?.kind == .conflict)
    let missing = #expect(throws: Failure.self) { try Workspace(at: folder + "/elsewhere", payloads: Payloads.all) }
    #expect(missing?.hint?.contains("vcsh init") == true)
  }

  @Test("The catalogue uses a rollback journal, and the journal's file stays")
  func journal() throws {
    _ = try keep("a")
    let header = try Data(contentsOf: URL(filePath: workspace.root + "/workspace.sqlite")).prefix(20)
    // Bytes 18 and 19 of an SQLite file: 1 for a rollback journal, 2 for WAL.
    #expect(header[18] == 1 && header[19] == 1)
    #expect(FileManager.default.fileExists(atPath: workspace.root + "/workspace.sqlite-journal"))
  }

  @Test("The same bytes are kept once, under their digest")
  func objectsByContent() throws {
    let first = try workspace.objects.put(Data("abc".utf8))
    let second = try workspace.objects.put(Data("abc".utf8))
    #expect(first == second)
    #expect(first == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try workspace.objects.data(first) == Data("abc".utf8))
    let missing = #expect(throws: Failure.self) { try workspace.objects.data(String(repeating: "0", count: 64)) }
    #expect(missing?.kind == .missing)
  }

  @Test("A write that fails leaves no temporary file")
  func failedWriteLeavesNothing() throws {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try workspace.objects.putFile { path in
        try Data("half".utf8).write(to: URL(filePath: path))
        #expect(path.hasPrefix(workspace.objects.root + "/"))
        throw Stop()
      }
    }
    // The folder for this shell's unfinished objects is empty.
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: workspace.objects.root).allSatisfy { !$0.contains("/") })
  }

  @Test("A name points to its newest version; renaming and dropping touch the name alone")
  func names() throws {
    _ = try keep("a", "one")
    let first = try #require(try workspace.lookup("a"))
    _ = try keep("a", "two", replacing: .anything)
    let second = try #require(try workspace.lookup("a"))
    #expect(first.id != second.id)
    #expect(try workspace.version(first.id).payload.equals(first.payload))

    var changes = Changes()
    changes.renamed.append((from: "a", to: "b"))
    try workspace.commit(changes, entry: first.entry)
    #expect(try workspace.lookup("a") == nil)
    #expect(try workspace.lookup("b")?.id == second.id)
    changes = Changes()
    changes.dropped.append("b")
    try workspace.commit(changes, entry: first.entry)
    #expect(try workspace.names().isEmpty)
    #expect(try workspace.version(first.id) == first && workspace.version(second.id) == second)
  }

  @Test("A commit is all or nothing: a name that another shell took undoes the rest")
  func atomicCommit() throws {
    let entry = try keep("taken")
    let digest = try workspace.objects.put(Data("y".utf8))
    var changes = Changes()
    changes.versions.append(.init(TablePayload(rows: 1, columns: ["a"], object: digest), name: "good"))
    changes.versions.append(.init(TablePayload(rows: 1, columns: ["a"], object: digest), name: "taken"))
    let failure = #expect(throws: Failure.self) { try workspace.commit(changes, entry: entry) }
    #expect(failure?.kind == .conflict)
    #expect(try workspace.lookup("good") == nil)
  }

  @Test("A change that was planned on an old version is refused")
  func lostUpdate() throws {
    let entry = try keep("a", "one")
    let seen = try #require(try workspace.lookup("a"))
    _ = try keep("a", "two", replacing: .anything)
    var changes = Changes()
    changes.versions.append(.init(seen.payload, name: "a", parent: seen.id, replacing: .version(seen.id)))
    let failure = #expect(throws: Failure.self) { try workspace.commit(changes, entry: entry) }
    #expect(failure?.message == "another shell has changed `a` in the meantime; nothing was kept")
    #expect(try workspace.lookup("a")?.id != seen.id)
  }

  @Test("A version of an object that was removed before the commit is refused")
  func vanishedObject() throws {
    let entry = try keep("a")
    var changes = Changes()
    changes.versions.append(
      .init(TablePayload(rows: 1, columns: ["a"], object: String(repeating: "0", count: 64)), name: "b"))
    let failure = #expect(throws: Failure.self) { try workspace.commit(changes, entry: entry) }
    #expect(failure?.message == "object 000000000000 was removed from the workspace before it was recorded")
    #expect(try workspace.lookup("b") == nil)
  }

  @Test("Entries are recorded before they run, and another connection finds them")
  func history() throws {
    let entry = try workspace.begin(source: "eval twin on sim/gaborium", origin: "prompt")
    let again = try Workspace(at: workspace.root, payloads: Payloads.all)
    #expect(try again.entry(entry).status == .running, "this process is alive: the entry is not interrupted")
    let result = try workspace.objects.put(ValueCodec.encode(.int(3)))
    try workspace.finish(entry, status: .ok, seconds: 0.5, error: nil, result: result)
    #expect(try again.history(limit: 5).map(\.source) == ["eval twin on sim/gaborium"])
    #expect(try again.result(of: entry) == .int(3))
    #expect(try again.historyLines(limit: 5) == ["eval twin on sim/gaborium"])
    let missing = #expect(throws: Failure.self) { try again.result(of: entry + 1) }
    #expect(missing?.message == "no entry \(entry + 1)")
  }

  @Test("A result whose bytes have changed is refused")
  func damagedResult() throws {
    let digest = try workspace.objects.put(ValueCodec.encode(.int(3)))
    try Data("{\"int\":{\"_0\":4}}".utf8).write(to: URL(filePath: workspace.objects.path(of: digest)))
    let failure = #expect(throws: Failure.self) { try workspace.value(digest) }
    #expect(failure?.kind == .format)
  }

  @Test("A file inside the workspace is stored by its relative path, any other by its absolute one")
  func relativePaths() {
    #expect(workspace.stored(path: workspace.root + "/checkpoints/a.ckpt") == "checkpoints/a.ckpt")
    #expect(workspace.stored(path: "/data/a.ckpt") == "/data/a.ckpt")
    #expect(workspace.absolute(path: "checkpoints/a.ckpt") == workspace.root + "/checkpoints/a.ckpt")
  }

  @Test("Cleaning keeps what a version, a result or a cache needs")
  func cleaning() throws {
    let entry = try keep("kept", "kept")
    let evaluation = try workspace.begin(source: "eval", origin: "test")
    let result = try workspace.objects.put(Data("result".utf8))
    try workspace.finish(evaluation, status: .ok, seconds: 0, error: nil, result: result)
    let lost = try workspace.objects.put(Data("not needed".utf8))
    let cached = try workspace.objects.put(Data("cached".utf8))
    var changes = Changes()
    changes.cached.append(
      CacheRecord(
        answer: "k", block: 0, kind: "features", twin: "t", stimulus: "s", frames: [0], digest: cached))
    try workspace.commit(changes, entry: entry)
    #expect(try workspace.cachedBlocks("k")[0]?.digest == cached)
    #expect(try workspace.clean(caches: false).count == 1)
    #expect(!workspace.objects.contains(lost))
    #expect(try workspace.clean(caches: true).count == 1)
    #expect(!workspace.objects.contains(cached))
    var drop = Changes()
    drop.dropped.append("kept")
    try workspace.commit(drop, entry: try workspace.begin(source: "drop kept", origin: "test"))
    #expect(try workspace.clean(caches: false).count == 0, "history keeps it")
    #expect(try workspace.clean(caches: false, dropped: true).count == 0, "undo could bring it back")
    #expect(try workspace.clean(caches: false, undo: true).count == 1)
    #expect(try workspace.cachedBlocks("k").isEmpty)
    #expect(workspace.objects.contains(result))
  }

  @Test("An empty or foreign database is not taken for a workspace")
  func otherDatabases() throws {
    for name in ["empty", "foreign"] {
      let path = "\(folder)/\(name)/workspace.sqlite"
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      try Data().write(to: URL(filePath: path))
      if name == "foreign" {
        let catalogue = try DatabaseQueue(path: path)
        try catalogue.write { try $0.execute(sql: "CREATE TABLE entry (id INTEGER PRIMARY KEY)") }
        try catalogue.close()
      }
      let failure = #expect(throws: Failure.self) { try Workspace(at: "\(folder)/\(name)", payloads: Payloads.all) }
      #expect(failure?.kind == .format)
      #expect(failure?.message.hasSuffix("/\(name)/workspace.sqlite is not a vcsh catalogue") == true)
    }
  }

  @Test("A file that is not a database is refused, and the failure names it")
  func notACatalogue() throws {
    let path = folder + "/broken"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Data(repeating: 65, count: 4096).write(to: URL(filePath: path + "/workspace.sqlite"))
    let failure = #expect(throws: Failure.self) { try Workspace(at: path, payloads: Payloads.all) }
    #expect(
      failure?.message.hasSuffix("/broken/workspace.sqlite is not a vcsh catalogue, or is damaged") == true,
      "\(failure?.message ?? "no failure")")
  }
}
