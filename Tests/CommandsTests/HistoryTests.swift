import Base
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("History, in, out, rerun")
struct HistoryTests {
  private func commands(_ table: Table) -> [String] {
    (0..<table.rowCount).map { table["command"]?[$0].plainText ?? "" }
  }

  @Test("An entry tells what it read and what it made")
  func traffic() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium as scores; let t = out 4; $t | save \(shell.folder)/t.csv; drop scores")
    let table = try shell.table("history --session")
    #expect(table["outputs"]?[3] == .string("scores"))
    let traffic = try shell.session.workspace.traffic(of: [4, 5, 6])
    #expect(traffic[4]?.inputs.contains { $0.contains("split val, seed 1002") } == true)
    #expect(traffic[5]?.inputs == ["entry 4 as out 4"])
    #expect(traffic[6]?.inputs == ["entry 5 as $t"])
    #expect(table["outputs"]?[5] == .string(shell.folder + "/t.csv"))
    #expect(table["outputs"]?[6] == .string("scores"))
    #expect(table["status"]?[7] == .string("running"))
  }

  @Test(
    "An entry that reads a variable knows the entry that set it, whatever letters its name has",
    arguments: ["t", "größe"])
  func variables(_ name: String) throws {
    let shell = try Shell(opened: false)
    try shell.run("let \(name) = [{a: 1}]; $\(name) | head 1")
    #expect(try shell.session.workspace.traffic(of: [2])[2]?.inputs == ["entry 1 as $\(name)"])
  }

  @Test("history is narrowed by number, by failure, by words")
  func filters() throws {
    let shell = try Shell(opened: false)
    try shell.run("print one; print two; print three")
    _ = try shell.failure("show nosuch")
    #expect(commands(try shell.table("history --failed")) == ["show nosuch"])
    #expect(commands(try shell.table("history --search 'PRINT thr'")).prefix(1) == ["print three"])
    #expect(commands(try shell.table("history --last 2")).count == 2)
    #expect(commands(try shell.table("history 1")) == ["history 1"])
    #expect(try shell.failure("history 1 --last 2").kind == .usage)
    #expect(try shell.failure("history --last 0").kind == .usage)
  }

  @Test("in brings back the text, whatever lines it has")
  func source() throws {
    let shell = try Shell(opened: false)
    let text = "for i in [1, 2] {\n  print $i\n}"
    try shell.run(text)
    #expect(try shell.run("in 1") == .string(text))
    #expect(try shell.failure("in 99").hint == "`history` lists them")
    #expect(try shell.failure("in 1 --edit").kind == .usage)
    shell.session.isInteractive = true
    #expect(try shell.run("in 1 --edit") == .null)
    #expect(shell.session.nextLine == text)
  }

  @Test("rerun runs an entry anew, as an entry that names it; its result goes on through the pipe")
  func rerun() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium as scores")
    #expect(try shell.failure("rerun 4").message.contains("`scores` is taken"))
    #expect(try shell.table("rerun 4 --replace | head 2").rowCount == 2)
    let entries = try shell.session.workspace.history(limit: 2)
    #expect(entries[0].source == "rerun 4 --replace | head 2")
    #expect(entries[1].source == "eval --replace twin on sim/gaborium as scores")
    #expect(entries[1].origin == "rerun of 4 in \(entries[0].id)")
    #expect(entries.allSatisfy { $0.status == .ok })
    let failed = try shell.session.workspace.history(limit: 4)[1]
    #expect(failed.origin == "rerun of 4 in 5" && failed.status == .failed)
    #expect(try shell.table("undo")["entry"]?[0] == .int(Int(entries[1].id)))
  }

  @Test("A rerun that meets itself, or nothing, is refused")
  func rerunNothing() throws {
    let shell = try Shell(opened: false)
    #expect(try shell.failure("rerun 1").message.contains("still running"))
    #expect(try shell.failure("rerun 77").kind == .missing)
  }

  @Test("A rerun takes relative paths from the folder that the entry ran in")
  func folder() throws {
    let shell = try Shell(opened: false)
    let entry = try shell.session.workspace.begin(
      source: "open Sim_2025-01-17 as there", origin: "prompt", folder: Shell.template + "/recordings")
    try shell.session.workspace.finish(entry, status: .ok, seconds: 0, error: nil, result: nil)
    try shell.run("rerun \(entry)")
    #expect(try shell.names() == ["there"])
  }

  @Test("A parameter that was given from outside is given again")
  func parameter() throws {
    let shell = try Shell(opened: false)
    let entry = try shell.session.workspace.begin(
      source: "param cid: int = 3 \"the cell\"  # given: 8", origin: "r.vc:1")
    try shell.session.workspace.finish(entry, status: .ok, seconds: 0, error: nil, result: nil)
    try shell.run("rerun \(entry)")
    #expect(shell.session.interpreter.variables["cid"] == .int(8))
  }
}
