import Base
import Formats
import Foundation
import TestSupport
import Testing
import Workspace

/// What is stale, why, and what refreshing does, on predictions of four bins that a test can write in a moment.
@Suite("Status and refresh")
struct StatusTests {
  let shell: Shell

  init() throws { shell = try Shell(opened: false) }

  var file: String { shell.folder + "/p.npz" }

  func write(rate: Float, to path: String? = nil) throws {
    let counts = Tensor(shape: [4, 2], values: [0, 1, 1, 0, 2, 1, 0, 3])
    let rates = Tensor(shape: [4, 2], values: [0.5, 1, 1, 0.5, rate, 1, 0.5, 2])
    try NpzWriter.write([NamedArray("robs", counts), NamedArray("rhat", rates)], to: path ?? file)
  }

  func stale() throws -> [String: String] {
    let table = try shell.table("status")
    return Dictionary(
      uniqueKeysWithValues: (0..<table.rowCount).map {
        (table["name"]?[$0].plainText ?? "", table["why"]?[$0].plainText ?? "")
      })
  }

  func outcomes(_ command: String) throws -> [String] {
    let table = try shell.table(command)
    return (0..<table.rowCount).map {
      "\(table["name"]?[$0].plainText ?? ""): \(table["outcome"]?[$0].plainText ?? "")"
    }
  }

  @Test("What is up to date is said to be")
  func fresh() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; eval p as scores")
    let table = try shell.table("status")
    #expect(table.rowCount == 0)
    #expect(table.note == "nothing is out of date (2 checked)")
    #expect(try shell.table("refresh").note == "nothing is out of date (2 checked)")
  }

  @Test("A file that changed makes stale what was opened from it and what was made from that")
  func changedFile() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; eval p as scores; eval p | save \(shell.folder)/s.csv")
    try write(rate: 1.5)
    let stale = try stale()
    #expect(stale["p"]?.contains("p.npz has changed on disk") == true)
    #expect(stale["scores"] == "`p` is stale")
    #expect(stale[shell.folder + "/s.csv"] == "`p` is stale")
  }

  @Test("A name that points to another content makes stale what was made from it, the same content does not")
  func madeAnew() throws {
    try write(rate: 1)
    try write(rate: 2, to: shell.folder + "/q.npz")
    try shell.run("open \(file) as p; eval p as scores")
    try FileManager.default.copyItem(atPath: file, toPath: shell.folder + "/copy.npz")
    try shell.run("open \(shell.folder)/copy.npz as p --replace")
    #expect(try stale().isEmpty, "the same bytes from another place")
    try shell.run("open \(shell.folder)/q.npz as p --replace")
    #expect(try stale() == ["scores": "`p` was made again by entry 5"])
    try shell.run("undo")
    #expect(try stale().isEmpty)
  }

  @Test("Freezing, renaming and dropping an input make nothing stale")
  func harmless() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium as scores; freeze twin core; rename sim other")
    #expect(try shell.table("status").rowCount == 0)
    try shell.run("drop twin")
    #expect(try shell.table("status").rowCount == 0)
  }

  @Test("Refresh runs what is stale in order, each as an entry of its own, and keeps the versions before")
  func refresh() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; calibrate p as c; eval p --calibrated as scores")
    let before = try shell.session.workspace.names()
    let table = try shell.table("eval p")
    try write(rate: 1.5)
    #expect(
      try outcomes("refresh --dry-run") == ["p: would run", "c: would run", "scores: would run"])
    #expect(try shell.session.workspace.names() == before)
    #expect(try outcomes("refresh") == ["p: entry 7", "c: entry 8", "scores: entry 9"])
    #expect(try stale().isEmpty)
    #expect(try shell.table("eval p") != table)
    let entry = try shell.session.workspace.entry(9)
    #expect(entry.source == "eval --replace p --calibrated as scores")
    #expect(entry.origin == "refresh of 3 in 6")
    try shell.run("undo 3")
    #expect(try shell.session.workspace.names() == before)
  }

  @Test("A frozen twin whose file changed would be opened anew and frozen again")
  func frozen() throws {
    let copy = shell.folder + "/twin.ckpt"
    try FileManager.default.copyItem(atPath: Shell.template + "/checkpoints/twin.ckpt", toPath: copy)
    try shell.run("open \(copy) as twin; freeze twin core")
    try Data("cut short".utf8).write(to: URL(filePath: copy))
    #expect(try stale()["twin"]?.contains("has changed on disk") == true)
    let plan = try shell.table("refresh --dry-run")
    #expect(plan["command"]?[0] == .string("open --replace \(copy) as twin"))
    #expect(plan["command"]?[1] == .string("freeze twin core"))
    #expect(shell.check("refresh")?.message.contains("twin.ckpt is a text file") == true)
    #expect(try shell.names() == ["twin"], "a refresh that fails leaves what was there")
  }

  @Test("A result that was renamed is refreshed under the name that it has")
  func renamed() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; eval p as scores; rename scores better")
    try write(rate: 1.5)
    #expect(try outcomes("refresh better") == ["p: entry 5", "better: entry 6"])
    #expect(try shell.names() == ["better", "p"])
    #expect(try stale().isEmpty)
  }

  @Test("Variables are made again for what reads them, and then are what they were")
  func variables() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; let s = eval p; $s | head 1 | save \(shell.folder)/s.csv")
    let variable = try shell.run("print (count($s))")
    let first = try String(contentsOfFile: shell.folder + "/s.csv", encoding: .utf8)
    try write(rate: 1.5)
    let kept = shell.session.interpreter.variables["s"]
    try shell.run("refresh")
    #expect(shell.session.interpreter.variables["s"] == kept)
    #expect(try String(contentsOfFile: shell.folder + "/s.csv", encoding: .utf8) != first)
    #expect(try stale().isEmpty)
    #expect(try shell.run("print (count($s))") == variable)
  }

  @Test("What can't be run again is told, what needs it is left alone, and the exit tells")
  func obstacles() throws {
    try write(rate: 1)
    try write(rate: 1, to: shell.folder + "/q.npz")
    try shell.run("open \(file) as p; eval p as scores; open \(shell.folder)/q.npz as q; eval q as others")
    try FileManager.default.removeItem(atPath: file)
    try write(rate: 2, to: shell.folder + "/q.npz")
    #expect(try stale()["p"]?.hasSuffix("p.npz is missing") == true)
    let told = try outcomes("refresh --dry-run")
    #expect(told.first { $0.hasPrefix("p:") }?.contains("is missing") == true)
    let check = shell.check("refresh")
    #expect(check?.message.contains("`p` can't be refreshed") == true)
    #expect(Set(try stale().keys) == ["p", "scores"], "what could be refreshed was")
    #expect(try shell.failure("refresh nosuch").kind == .missing)
  }

  @Test("A result of an earlier entry that was brought back can't be made again by bringing it back")
  func broughtBack() throws {
    try write(rate: 1)
    try shell.run("open \(file) as p; eval p; out 2 | save \(shell.folder)/s.csv")
    try write(rate: 1.5)
    #expect(try outcomes("refresh --dry-run").last?.contains("result of entry 2") == true)
  }
}
