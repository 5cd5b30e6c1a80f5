import Base
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Undo, redo, snapshots")
struct UndoTests {
  @Test(
    "Undo brings back exactly what names pointed to before a command, redo what they pointed to after it",
    arguments: [
      "open RECORDING as again", "open RECORDING as twin --replace", "rename sim other", "drop sim nova",
      "freeze twin core", "unfreeze frozen", "eval twin on sim/gaborium as scores",
      "calibrate twin on sim/gaborium --split all as c", "predict twin on sim/gaborium as rates",
      "for name in [twin, sim] { drop $name }", "restore start",
      "refit twin readout on nova/backimage as twin-nova --starts 1 --l2 0.01",
    ])
  func everyChange(command: String) throws {
    let shell = try Shell()
    try shell.run("snapshot start; open \(Shell.template)/checkpoints/twin.ckpt as frozen; freeze frozen core")
    let before = try shell.session.workspace.names()
    try shell.run(command.replacing("RECORDING", with: Shell.template + "/recordings/Sim_2025-01-17"))
    let after = try shell.session.workspace.names()
    #expect(before != after)
    try shell.run("undo")
    #expect(try shell.session.workspace.names() == before)
    try shell.run("redo")
    #expect(try shell.session.workspace.names() == after)
  }

  @Test("Undoing a calibration takes it out of force")
  func calibration() throws {
    let shell = try Shell()
    try shell.run("calibrate twin on sim/gaborium --split all --mode gain")
    let gain = try shell.table("eval twin on sim/gaborium --calibrated")
    try shell.run("calibrate twin on sim/gaborium --split all")
    #expect(try shell.table("eval twin on sim/gaborium --calibrated") != gain)
    let told = try shell.table("undo")
    #expect(told["name"]?[0] == .string("(in force for Sim_2025-01-17/gaborium)"))
    #expect(try shell.table("eval twin on sim/gaborium --calibrated") == gain)
    try shell.run("undo")
    #expect(try shell.failure("eval twin on sim/gaborium --calibrated").message.contains("no calibration"))
  }

  @Test("Commands that change no name are passed over")
  func passesOver() throws {
    let shell = try Shell()
    try shell.run("drop nova; ls; eval twin on sim/gaborium; show twin")
    #expect(try shell.table("undo")["command"]?[0] == .string("drop nova"))
  }

  @Test("undo --to goes back to before an entry")
  func undoTo() throws {
    let shell = try Shell(opened: false)
    try shell.run("open \(Shell.template)/checkpoints/twin.ckpt as twin")
    let before = try shell.session.workspace.names()
    try shell.run("freeze twin core; ls; rename twin other; drop other")
    #expect(try shell.table("undo --to 2").rowCount == 4)
    #expect(try shell.session.workspace.names() == before)
    #expect(try shell.failure("undo --to 3").hint?.contains("history") == true)
    #expect(try shell.failure("undo 1 --to 2").kind == .usage)
    #expect(try shell.failure("undo 0").kind == .usage)
  }

  @Test("A wrong snapshot's name gets the one that was meant; a taken one is refused")
  func snapshotNames() throws {
    let shell = try Shell(opened: false)
    try shell.run("snapshot first --note 'nothing yet'")
    #expect(try shell.failure("restore frist").hint == "did you mean `first`?")
    #expect(try shell.failure("snapshot first").kind == .conflict)
    try shell.run("snapshot first --replace --note better")
    #expect(try shell.table("snapshots")["note"]?[0] == .string("better"))
    try shell.run("snapshot first --delete")
    #expect(try shell.table("snapshots").rowCount == 0)
    #expect(try shell.failure("snapshot first --delete").kind == .missing)
    #expect(try shell.failure("snapshot 'two words'").kind == .usage)
  }

  @Test("Restoring what is there already changes nothing and says so")
  func restoreNothing() throws {
    let shell = try Shell()
    try shell.run("snapshot s; restore s")
    #expect(shell.allNotes.contains("nothing changed"))
    #expect(try shell.table("undo")["command"]?[0] != .string("restore s"))
  }

  @Test("clean tells what is kept for undo and for snapshots")
  func clean() throws {
    let shell = try Shell()
    try shell.run("predict twin on sim/gaborium as rates; snapshot s; drop rates")
    let kept = try shell.record("clean --caches --dropped")
    #expect(kept["kept_for_undo"] == .int(1))
    #expect(kept["kept_for_snapshots"] == .int(1))
    #expect((kept["kept_for_undo_bytes"]?.number ?? 0) > 30_000)
    let rest = try shell.record("clean --undo")
    #expect(rest["kept_for_undo"] == .int(0))
    try shell.run("restore s; eval rates")
  }
}
