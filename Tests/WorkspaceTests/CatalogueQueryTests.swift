import Base
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("SQL over the catalogue")
struct CatalogueQueryTests {
  let folder: String
  let workspace: Workspace
  let entry: Int64

  /// A twin, a recording of three cells, two scores, a calibration and a refit.
  init() throws {
    folder = try Fixtures.temporaryFolder()
    workspace = try Workspace.create(at: folder + "/ws", payloads: Payloads.all)
    entry = try workspace.begin(source: "eval twin on sim/gaborium", origin: "prompt")
    let file = FileReference(path: "checkpoints/a.ckpt", byteCount: 1, fingerprint: "x")
    let twin = TwinPayload(
      checkpoint: file, heads: [.init(session: "S1", cids: [3, 4]), .init(session: "S2", cids: [5])], frozen: ["core"])
    let recording = RecordingPayload(
      session: "S1", cids: [3, 4, 9], rateHz: 120,
      stimuli: [.init(name: "gaborium", file: file, frames: 10), .init(name: "backimage", file: file, frames: 30)],
      parentConfiguration: nil, sessionConfiguration: nil)
    var changes = Changes()
    changes.versions = [.init(twin, name: "twin"), .init(recording, name: "sim")]
    let made = try workspace.commit(changes, entry: entry)
    let overlay = try workspace.objects.put(Data("weights".utf8))
    var refitted = twin
    refitted.overlay = overlay
    refitted.note = "readout refitted on sim/backimage"
    changes = Changes()
    changes.versions = [
      .init(refitted, name: "twin-sim", parent: made[0]),
      .init(
        CalibrationPayload(
          mode: "affine", inSample: false, key: "k", bins: nil, session: "S1", stimulus: "gaborium", split: "val",
          cells: [.init(cid: 3, gain: 1, offset: 0, halves: [], reason: nil)]), name: nil, parent: made[0]),
    ]
    changes.inputs = [.init(role: "stimulus", version: made[1], detail: "sim/backimage, 5 train and 5 val frames")]
    changes.metrics = [
      .init(
        version: made[0], session: "S1", stimulus: "gaborium", split: "val", head: 0, variant: "null bins", metric: "r",
        metricVersion: 1, cells: [(cid: 3, value: 0.25, reason: nil), (cid: 4, value: nil, reason: "no spikes")])
    ]
    try workspace.commit(changes, entry: entry)
    try workspace.finish(entry, status: .ok, seconds: 0.5, error: nil, result: nil)
  }

  func query(_ sql: String, limit: Int = 100) throws -> Table {
    try workspace.query(sql, limit: limit, cancellation: Cancellation())
  }

  func failure(_ sql: String) -> Failure? { #expect(throws: Failure.self) { try query(sql) } }

  @Test("Every view has its described columns, and rows", arguments: CatalogueViews.all.map(\.name))
  func columns(name: String) throws {
    let view = try #require(CatalogueViews.all.first { $0.name == name })
    let table = try query("SELECT * FROM \(name)")
    #expect(table.names == view.columns.map(\.name))
    #expect(table.rowCount > 0)
  }

  @Test("docs/workspace.md describes the views as they are")
  func documentation() throws {
    let page = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/workspace.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    for view in CatalogueViews.all {
      let rows = view.columns.map { "| `\($0.name)` | \($0.help) |\n" }.joined()
      #expect(
        text.contains(
          "### `\(view.name)`\n\nA row is \(view.summary).\n\n| column | what it is |\n| --- | --- |\n\(rows)\n"),
        "\(view.name)")
    }
  }

  @Test("Metrics have twin, cell, stimulus, split, value and reason, with their types")
  func metrics() throws {
    let table = try query("SELECT twin, session, cid, stimulus, split, metric, value, reason FROM metrics ORDER BY cid")
    #expect(table["twin"]?.values == .string(["twin", "twin"]))
    #expect(table["cid"]?.values == .int([3, 4]))
    #expect(table["value"]?.values == .double([0.25, nil]))
    #expect(table["reason"]?.values == .string([nil, "no spikes"]))
  }

  @Test("Metrics hold the newest score of the current definition; metrics_history holds all of them")
  func history() throws {
    let scored = try #require(try query("SELECT version FROM twins WHERE name = 'twin'")["version"]?.numbers?[0])
    func score(_ value: Double, metricVersion: Int, variant: String) throws {
      var changes = Changes()
      changes.metrics = [
        .init(
          version: Int64(scored), session: "S1", stimulus: "gaborium", split: "val", head: 0, variant: variant,
          metric: "r", metricVersion: metricVersion, cells: [(cid: 3, value: value, reason: nil)])
      ]
      try workspace.commit(changes, entry: entry)
    }
    try score(0.5, metricVersion: 2, variant: "null bins")
    try score(0.4, metricVersion: 1, variant: "null bins")
    try score(0.75, metricVersion: 1, variant: "affine held-out, null bins")
    let newest = try query("SELECT variant, value FROM metrics WHERE cid = 3 ORDER BY value")
    #expect(newest["value"]?.values == .double([0.5, 0.75]))
    #expect(newest["variant"]?.values == .string(["null bins", "affine held-out, null bins"]))
    let all = try query("SELECT value FROM metrics_history WHERE cid = 3 ORDER BY value")
    #expect(all["value"]?.values == .double([0.25, 0.4, 0.5, 0.75]))
  }

  @Test("Twins, recordings and cells are counted from what versions hold")
  func objects() throws {
    #expect(
      try query("SELECT heads, cells, frozen FROM twins WHERE name = 'twin'").record(0)
        == Record([("heads", .int(2)), ("cells", .int(3)), ("frozen", .string("core"))]))
    #expect(
      try query("SELECT cells, frames, stimuli FROM recordings").record(0)
        == Record([("cells", .int(3)), ("frames", .int(40)), ("stimuli", .string("gaborium backimage"))]))
    #expect(try query("SELECT cid FROM cells ORDER BY rank")["cid"]?.values == .int([3, 4, 9]))
  }

  @Test("A dropped name leaves its versions, which are then not current")
  func dropped() throws {
    var changes = Changes()
    changes.dropped = ["twin"]
    try workspace.commit(changes, entry: entry)
    let table = try query("SELECT name, is_current FROM twins ORDER BY version")
    #expect(table["name"]?.values == .string(["twin", "twin-sim"]) && table["is_current"]?.values == .int([0, 1]))
    #expect(try query("SELECT DISTINCT twin FROM metrics_history")["twin"]?.values == .string(["twin"]))
    #expect(try query("SELECT twin FROM metrics").rowCount == 0, "no name points to the version that was scored")
  }

  @Test("Fits are calibrations and refits, with what was fitted")
  func fits() throws {
    let table = try query("SELECT kind, subject, session, stimulus, cells, in_sample FROM fits ORDER BY kind")
    #expect(table["kind"]?.values == .string(["calibration", "refit"]))
    #expect(table["subject"]?.values == .string(["twin", "twin"]))
    #expect(table["session"]?.values == .string(["S1", "S1"]))
    #expect(table["stimulus"]?.values == .string(["gaborium", "backimage"]))
    #expect(table["cells"]?.values == .int([1, 3]) && table["in_sample"]?.values == .int([0, nil]))
  }

  @Test(
    "Nothing can be written, attached, set or loaded",
    arguments: [
      "DELETE FROM entry", "INSERT INTO twins VALUES (1)", "PRAGMA query_only = 0", "ATTACH 'x.db' AS x", "VACUUM",
      "BEGIN", "CREATE TABLE x (y)", "WITH x AS (SELECT 1) DELETE FROM entry", "EXPLAIN DELETE FROM entry",
      "/* */ -- x\nDROP VIEW twins", "SELECT load_extension('/tmp/x.so')", "SELECT * FROM pragma_table_info('entry')",
      "SELECT 1; DELETE FROM entry",
    ])
  func refusesWrites(sql: String) throws {
    let path = workspace.root + "/workspace.sqlite"
    let before = try Data(contentsOf: URL(filePath: path))
    let failure = failure(sql)
    #expect(failure?.kind == .usage)
    // Refused, not misread.
    let refusals = ["sql can only read", "not authorized", "is not one of the views", "one statement at a time"]
    #expect(
      refusals.contains { failure?.message.contains($0) == true }, "\(failure?.message ?? "no failure")")
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
    #expect(!FileManager.default.fileExists(atPath: "x.db"))
  }

  @Test(
    "Queries can't read the tables behind the views",
    arguments: [
      "SELECT * FROM entry", "WITH a AS (SELECT source FROM entry) SELECT * FROM a", "SELECT sql FROM sqlite_schema",
    ])
  func hidden(sql: String) {
    #expect(failure(sql)?.message.contains("is not one of the views") == true)
  }

  @Test("Counts and parts with names of their own are ordinary queries")
  func ordinary() throws {
    #expect(try query("SELECT count(*) AS n FROM metrics")["n"]?.values == .int([2]))
    #expect(try query("WITH m AS (SELECT cid FROM metrics) SELECT count(*) AS n FROM m;")["n"]?.values == .int([2]))
    #expect(try query("SELECT count(*) AS n FROM (SELECT 1 UNION SELECT 2)")["n"]?.values == .int([2]))
    #expect(try query("VALUES (1), (2)").rowCount == 2)
  }

  @Test("A mistake is shown where it stands, with the name that was probably meant")
  func mistakes() {
    let column = failure("SELECT valu FROM metrics")
    #expect(
      column?.hint == "did you mean `value`?"
        && column?.span == SourceSpan(source: "<sql>", line: 1, column: 8, length: 4))
    let view = failure("SELECT *\nFROM metricz")
    #expect(view?.hint == "did you mean `metrics`?" && view?.span?.line == 2 && view?.span?.column == 6)
    let syntax = failure("SELECT 'é' FROM FROM metrics")
    #expect(syntax?.message == "SQL: near \"FROM\": syntax error" && syntax?.span?.column == 17)
    #expect(failure("SELECT ?")?.message == "the query has a placeholder (`?` or `:name`)")
    #expect(failure("  ")?.message == "the query is empty")
    #expect(failure("SELECT 1; SELECT 2")?.message == "sql takes one statement at a time")
  }

  @Test("Columns get names that can be typed, each once, and the narrowest type")
  func names() throws {
    let table = try query("SELECT avg(value), cid, cid, 1 + 1, x'0aff' AS bytes, NULL AS none FROM metrics")
    #expect(table.names == ["avg_value", "cid", "cid_2", "column_1_1", "bytes", "none"])
    #expect(table["bytes"]?.values == .string(["0aff"]))
  }

  @Test("Rows past the limit are left out, and the note says so")
  func limit() throws {
    let table = try query("SELECT cid FROM cells", limit: 2)
    #expect(table.rowCount == 2 && table.note == "the first 2 rows; there are more (--limit)")
    #expect(try query("SELECT cid FROM cells", limit: 3).note == nil)
  }

  @Test("A query without an end stops when it is cancelled")
  func interrupts() throws {
    let cancellation = Cancellation()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.1) { cancellation.cancel() }
    let endless = "WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c"
    let failure = #expect(throws: Failure.self) { try workspace.query(endless, limit: 1, cancellation: cancellation) }
    #expect(failure?.kind == .interrupted)
  }

  @Test("A workspace made before the views gets them when it is opened")
  func olderWorkspace() throws {
    let old = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: old) }
    try FileManager.default.createDirectory(atPath: old + "/objects", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: Fixtures.path("workspace/v1.sqlite"), toPath: old + "/workspace.sqlite")
    let opened = try Workspace(at: old, payloads: Payloads.all)
    let table = try opened.query("SELECT name FROM recordings", limit: 9, cancellation: Cancellation())
    #expect(table["name"]?.values == .string(["sim"]))
  }
}
