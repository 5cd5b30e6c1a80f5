import Foundation
import TestSupport
import Testing

@Suite("Time travel of the program")
struct TimeTravelProgramTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  func vcsh(_ arguments: String...) throws -> Program.Result { try Program.run(["-w", workspace] + arguments) }

  var recording: String { Program.project + "/workspace-template/recordings/Sim_2025-01-17" }

  func names() throws -> String { try vcsh("--csv", "-c", "ls | select name").output }

  @Test("Undo and redo reach over runs of the program")
  func overRuns() throws {
    _ = try vcsh("-c", "open \(recording) as a")
    _ = try vcsh("-c", "rename a b")
    #expect(try vcsh("-c", "undo").status == 0)
    #expect(try names() == "name\na\n")
    _ = try vcsh("-c", "undo")
    #expect(try names() == "name\n")
    _ = try vcsh("-c", "redo 2")
    #expect(try names() == "name\nb\n")
    #expect(try vcsh("-c", "redo").errors.contains("there is nothing to redo"))
    _ = try vcsh("-c", "undo")
    _ = try vcsh("-c", "open \(recording) as c")
    #expect(try vcsh("-c", "redo").status == 1, "a new change ends what can be redone, in another run too")
  }

  @Test(
    "kill -9 in the middle of undo, redo or restore leaves the state before or after",
    arguments: ["undo; redo", "restore one; restore two"])
  func killed(commands: String) throws {
    let one = "name\na\nb\nc\n"
    let two = "name\nx\n"
    _ = try vcsh("-c", "for n in [a, b, c] { open \(recording) as $n }; snapshot one")
    _ = try vcsh("-c", "for n in [a, b, c] { drop $n }; open \(recording) as x; snapshot two; restore one; restore two")
    for wait in [0.15, 0.22, 0.3, 0.45] {
      let process = Process()
      process.executableURL = URL(filePath: Program.path)
      process.arguments = ["-w", workspace, "-c", "for i in range(100000) { \(commands) }"]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: wait)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let now = try names()
      #expect(now == one || now == two)
      // Whichever it is, the way on is open in one direction.
      if commands.hasPrefix("undo") { #expect(try vcsh("-c", now == two ? "undo; redo" : "redo").status == 0) }
      #expect(try vcsh("-c", "restore one; restore two").status == 0)
      #expect(try names() == two)
    }
    #expect(try vcsh("--csv", "-c", "history 40 | where status == 'interrupted' | count").output != "0\n")
  }

  @Test("verify replays the run before, ends with 3 where something differs, and leaves no folder behind")
  func verify() throws {
    let scratch = workspace + "/tmp"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    let file = workspace + "/a.csv"
    _ = try vcsh("-c", "open \(recording) as a; ls | save \(file)")
    let environment = ["TMPDIR": scratch]
    let same = try Program.run(["-w", workspace, "-c", "verify"], environment: environment)
    #expect(same.status == 0, "\(same.output)\(same.errors)")
    #expect(same.output.contains("2 replayed, 0 different, 0 skipped, compared exactly"))
    let moved = workspace + "/moved"
    try FileManager.default.copyItem(atPath: recording, toPath: moved)
    try FileManager.default.copyItem(
      atPath: recording + "/../multi_sim_120_all.yaml", toPath: workspace + "/multi_sim_120_all.yaml")
    try FileManager.default.createDirectory(atPath: workspace + "/sessions", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: recording + "/../sessions/Sim_2025-01-17.yaml", toPath: workspace + "/sessions/Sim_2025-01-17.yaml")
    _ = try vcsh("-c", "open \(moved) as m; show m")
    try FileManager.default.removeItem(atPath: moved + "/gaborium.dset")
    let different = try Program.run(["-w", workspace, "-c", "verify"], environment: environment)
    #expect(different.status == 3, "\(different.output)\(different.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
  }

  @Test("Ctrl-C in a replay ends it with 130 and leaves no folder behind")
  func interruptedVerify() throws {
    let scratch = workspace + "/tmp"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    _ = try vcsh("-c", "for i in range(4000) { let x = $i }")
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", workspace, "-c", "for i in range(1000) { verify 1 }"], environment: ["TMPDIR": scratch],
      folder: workspace)
    let folders = { (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? [] }
    #expect(terminal.waitUntil { _ in !folders().isEmpty }, "a replay has begun")
    terminal.send("\u{3}")
    #expect(terminal.waitForExit() == 130)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
  }
}
