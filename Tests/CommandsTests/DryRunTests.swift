import Base
import Commands
import Foundation
import Language
import Session
import Shell
import TestSupport
import Testing
import Workspace

@Suite("Plans")
struct DryRunTests {
  private func plan(_ shell: Shell, _ text: String, _ parameters: [String: String] = [:]) throws -> Table {
    try DryRun.plan(
      try BatchRun(text, name: "p.vc", commands: AllCommands.table), parameters: parameters, in: shell.session)
  }

  private func row(_ table: Table, _ command: String) throws -> Record {
    let rows = (0..<table.rowCount).map(table.record)
    return try #require(rows.first { $0["command"] == .string(command) }, "\(rows.map { $0["command"] })")
  }

  @Test("Statements stand with their parameters filled in, with what they read and write")
  func filled() throws {
    let shell = try Shell()
    let table = try plan(
      shell,
      """
      param stim = gaborium
      param cid: int = 3
      let rec = 'sim'
      let s = eval twin on $rec/$stim as scores
      neuron twin $cid on sim/$stim --figure "out $cid.svg"
      $s | head $cid > "$stim.csv"
      """, ["stim": "fixrsvp"])
    let eval = try row(table, "let s = eval twin on sim/fixrsvp as scores")
    #expect(eval["reads"]?.plainText.contains("twin (twin, 695 kB); sim/fixrsvp (2.37 MB)") == true)
    #expect(eval["writes"] == .string("scores") && eval["line"] == .int(4))
    #expect(
      try row(table, "neuron twin 3 on sim/fixrsvp --figure=\"out 3.svg\"")["writes"] == .string("file out 3.svg"))
    let last = try row(table, "$s | head 3 > \"fixrsvp.csv\"")
    #expect(last["reads"] == .string("$s (line 4)") && last["writes"] == .string("file fixrsvp.csv"))
  }

  @Test("It tells how many frames are kept, of predictions and of core features")
  func cached() throws {
    let shell = try Shell()
    let text = "eval twin on sim/gaborium\neval twin on sim/gaborium --split all\nrefit twin readout on nova/backimage"
    func cache() throws -> [String] {
      let table = try plan(shell, text)
      return (0..<table.rowCount).map { table.record($0)["cache"]?.plainText ?? "" }
    }
    let before = try cache()
    #expect(before.prefix(2) == ["predictions: 0 of 623 frames kept", "predictions: 0 of 3165 frames kept"])
    #expect(before[2].wholeMatch(of: /features: 0 of \d{3,} frames kept/) != nil)
    try shell.run("eval twin on sim/gaborium | count")
    let after = try cache()
    #expect(after[0] == "predictions: 623 of 623 frames kept")
    #expect(after[1].contains(" of 3165 frames kept") && !after[1].contains(" 0 of"))
    try shell.run("eval twin on sim/gaborium --split all | count")
    #expect(try cache()[1] == "predictions: 3165 of 3165 frames kept")
  }

  @Test("Nothing changes: no entry, no name, no object, no file")
  func unchanged() throws {
    let shell = try Shell()
    let workspace = shell.session.workspace
    func state() throws -> [String] {
      let files = FileManager.default.enumerator(atPath: workspace.root)?.compactMap { $0 as? String } ?? []
      return files.sorted() + (try workspace.names().map(\.name)) + (try workspace.history(limit: .max).map(\.source))
        + [try Data(contentsOf: URL(filePath: workspace.root + "/workspace.sqlite")).description]
    }
    let before = try state()
    _ = try plan(
      shell, "rename sim other\ndrop nova\neval twin on other/gaborium as s\ncalibrate twin on other/gaborium")
    #expect(try state() == before)
  }

  @Test("Names are followed through opening, renaming and dropping; what goes wrong there is told")
  func names() throws {
    let shell = try Shell(opened: false)
    let table = try plan(
      shell,
      """
      param file: path = "\(Shell.template)/checkpoints/twin.ckpt"
      open $file as twin
      open \(Shell.template)/recordings/Sim_2025-01-17 as sim
      rename sim other
      eval twin on other/gaborium
      refit twin readout on other/gaborium as fitted
      eval fitted on other/gaborium
      open /nowhere.ckpt as missing
      """)
    #expect(try row(table, "eval twin on other/gaborium")["cache"] == .string("predictions: 0 of 623 frames kept"))
    let fitted = try row(table, "eval fitted on other/gaborium")
    #expect(fitted["reads"]?.plainText.hasPrefix("fitted (made in line 6)") == true)
    #expect(fitted["cache"] == .string("unknown: `fitted` is made in line 6"))
    let missing = try row(table, "open /nowhere.ckpt as missing")
    #expect(missing["reads"] == .string("/nowhere.ckpt (no such file)") && missing["problem"] != .null)
    #expect(try shell.names().isEmpty)
  }

  @Test("Loops over what is known are told turn by turn, all else as blocks")
  func blocks() throws {
    let shell = try Shell()
    let table = try plan(
      shell,
      """
      for s in [gaborium, fixrsvp] { eval twin on sim/$s }
      let cells = eval twin on sim/gaborium
      for cell in $cells { print $cell.cid }
      if length($cells) > 2 { show twin } else { show sim }
      """)
    let commands = (0..<table.rowCount).map { table.record($0)["command"]?.plainText ?? "" }
    #expect(
      commands == [
        "eval twin on sim/gaborium", "eval twin on sim/fixrsvp", "let cells = eval twin on sim/gaborium",
        "for each cell: print $cell.cid", "if … show twin", "else show sim",
      ])
  }

  @Test("A parameter of the wrong type ends it")
  func parameters() throws {
    let shell = try Shell(opened: false)
    #expect(throws: Failure.self) { try plan(shell, "param n = 3\nprint $n", ["n": "x"]) }
    #expect(throws: Failure.self) { try plan(shell, "param n = 3\nprint $n", ["m": "1"]) }
  }
}
