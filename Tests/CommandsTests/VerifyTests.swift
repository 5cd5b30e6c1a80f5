import Base
import Formats
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Verify")
struct VerifyTests {
  let shell: Shell

  init() throws { shell = try Shell(opened: false) }

  var file: String { shell.folder + "/p.npz" }

  func write(rate: Float) throws {
    let counts = Tensor(shape: [4, 2], values: [0, 1, 1, 0, 2, 1, 0, 3])
    let rates = Tensor(shape: [4, 2], values: [0.5, 1, 1, 0.5, rate, 1, 0.5, 2])
    try NpzWriter.write([NamedArray("robs", counts), NamedArray("rhat", rates)], to: file)
  }

  /// `1 same`, `2 differs`, …
  func verdicts(_ command: String = "verify") throws -> [String] {
    let table = try shell.table(command)
    return (0..<table.rowCount).map {
      "\(table["entry"]?[$0].plainText ?? "") \(table["verdict"]?[$0].plainText ?? "")"
    }
  }

  @Test("A session that is what it was comes out the same, on a twin and its recordings")
  func same() throws {
    let shell = try Shell()
    try shell.run(
      """
      eval twin on sim/gaborium as scores
      calibrate twin on sim/gaborium --split all as c
      let best = eval twin on sim/gaborium --calibrated | sort r --reverse
      $best | head 3 | save \(shell.folder)/best.csv
      freeze twin core
      undo
      out 4 | head 2
      rerun 4 --replace
      show nosuch
      """.split(separator: "\n").dropLast().joined(separator: "\n"))
    _ = try shell.failure("show nosuch")
    let before = try shell.session.workspace.names()
    let csv = try String(contentsOfFile: shell.folder + "/best.csv", encoding: .utf8)
    let entries = try shell.session.workspace.history(limit: 100).count
    try FileManager.default.removeItem(atPath: shell.folder + "/best.csv")
    let table = try shell.table("verify")
    #expect(shell.session.workspace.root.hasSuffix("/ws"))
    let verdicts = (0..<table.rowCount).map { table["verdict"]?[$0].plainText ?? "" }
    #expect(verdicts.count == entries)
    #expect(Set(verdicts) == ["same", "skipped"], "\(table)")
    #expect(verdicts.count { $0 == "skipped" } == 1, "the entry within rerun")
    #expect(try shell.session.workspace.names() == before)
    #expect(!FileManager.default.fileExists(atPath: shell.folder + "/best.csv"), "files are written elsewhere")
    #expect(!csv.isEmpty)
  }

  @Test("A file that changed makes the entries differ that stand on it, and says how; the status is 3")
  func changedFile() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; eval p; print hello")
    #expect(try verdicts() == ["1 same", "2 same", "3 same"])
    try write(rate: 1.5)
    let check = shell.check("verify 1-3")
    #expect(check?.exitStatus == 3)
    #expect(check?.message.contains("2 of 3 entries differ; the first is entry 1") == true)
    let table = try shell.table("verify 1-3")
    #expect(table["detail"]?[0].plainText.contains("had fingerprint") == true)
    #expect(table["detail"]?[1].plainText.contains("bits_per_spike: 1 of 2 numbers differ") == true)
    #expect(try verdicts("verify 3") == ["3 same"])
  }

  @Test("A tolerance lets small differences pass")
  func tolerance() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; eval p")
    try write(rate: 1.0001)
    #expect(try verdicts("verify 1-2 --tolerance 0.01") == ["1 differs", "2 same"])
    #expect(try verdicts("verify 1-2 --tolerance 1e-9") == ["1 differs", "2 differs"])
    #expect(try shell.failure("verify --tolerance -1").kind == .usage)
  }

  @Test("A missing file is a failure now; a failure that is gone is told too")
  func missingFile() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p")
    _ = try shell.failure("open \(shell.folder)/later.npz as q")
    try FileManager.default.moveItem(atPath: file, toPath: shell.folder + "/later.npz")
    #expect(try verdicts("verify 1-2") == ["1 fails now", "2 runs now"])
  }

  @Test("Entries run on what names meant before them, whatever they mean now")
  func earlierState() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; eval p as scores; drop p; open \(file) as other; rename other p; eval p | count")
    #expect(try verdicts("verify 2-3") == ["2 same", "3 same"])
    let last = try verdicts("verify --last 2")
    #expect(last.count == 2 && last.allSatisfy { $0.hasSuffix("same") || $0.hasSuffix("skipped") }, "\(last)")
  }

  @Test("What was asked for at the prompt alone is the same in a replay")
  func atThePrompt() throws {
    shell.session.isInteractive = true
    try shell.run("print 1; in 1 --edit")
    #expect(try verdicts() == ["1 same", "2 same"])
  }

  @Test("Ctrl-C ends a replay")
  func interrupted() throws {
    let sink = InterruptingSink()
    let shell = try Shell(progress: sink)
    try shell.run("eval twin on sim/gaborium")
    sink.cancellation = shell.session.work.cancellation
    #expect(try shell.failure("verify").kind == .interrupted)
    #expect(sink.wasReached, "the replay had begun")
    shell.session.work.cancellation.reset()
  }

  @Test(
    "verify --objects names damaged and missing objects, what needs them and how to have them again; the status is 3")
  func objects() throws {
    try shell.run("print [{a: 1}]\nprint [{a: 2}, {a: 3}]")
    let store = shell.session.workspace.objects
    // The tables that the two entries printed.
    let needed = try shell.session.workspace.neededObjects()
    try #require(needed.count == 2)
    #expect(try shell.table("verify --objects").rowCount == 0)
    var expected: [String: String] = [:]
    for (index, digest) in needed.enumerated() {
      let path = store.path(of: digest)
      if index == 0 {
        try FileManager.default.removeItem(atPath: path)
      } else {
        var data = try Data(contentsOf: URL(filePath: path))
        data[data.count / 2] ^= 1
        try data.write(to: URL(filePath: path))
      }
      expected[String(digest.prefix(12))] = index == 0 ? "missing" : "damaged"
    }
    let table = try shell.table("verify --objects")
    var found: [String: String] = [:]
    for row in 0..<table.rowCount {
      found[table["object"]?[row].plainText ?? ""] = table["state"]?[row].plainText
      let entry = try #require(Int64(table["entry"]?[row].plainText ?? ""))
      #expect(table["remedy"]?[row].plainText == "run `rerun \(entry)`")
      #expect(try shell.session.workspace.entry(entry).source.hasPrefix("print [{a: "))
      #expect(table["needed_by"]?[row].plainText == "the result of the entry")
    }
    #expect(found == expected)
    let failure = try #require(shell.check("verify --objects"))
    #expect(failure.kind == .assertion)
    #expect(failure.message.contains(" objects are not as stored; the first, \(needed[0].prefix(12)), is missing"))
    #expect(try shell.failure("verify 1-2 --objects").kind == .usage)
  }

  @Test(
    "A range that is none is refused",
    arguments: ["verify 3-1", "verify x", "verify 1-", "verify 0", "verify --last 0"])
  func wrongRange(command: String) throws {
    try shell.run("print 1; print 2; print 3")
    #expect(try shell.failure(command).kind == .usage)
    #expect(try shell.failure("verify 90-91").kind == .missing)
  }
}

/// Presses Ctrl-C once the next work begins.
private final class InterruptingSink: ProgressSink, @unchecked Sendable {
  var cancellation: Cancellation?
  private(set) var wasReached = false

  func begin(_ title: String, total: Int, unit: String) {
    guard let cancellation else { return }
    wasReached = true
    cancellation.cancel()
  }

  func advance(to done: Int) {}
  func end() {}
}
