import Foundation
import TestSupport
import Testing

@Suite("Work that was cut short", .serialized)
struct ResumeTests {
  let workspace: String
  let command = "eval twin on sim/gaborium --split all"

  init() throws {
    workspace = try Program.workspace()
    let template = Program.project + "/workspace-template"
    let opened = try Program.run([
      "-w", workspace, "-c",
      "open \(template)/checkpoints/twin.ckpt as twin; open \(template)/recordings/Sim_2025-01-17 as sim",
    ])
    #expect(opened.status == 0)
  }

  var objectCount: Int {
    FileManager.default.enumerator(atPath: workspace + "/objects")?.allObjects.count {
      ($0 as? String)?.count ?? 0 > 60
    } ?? 0
  }

  /// Frames that the next run says it took from the cache.
  func resumed() throws -> (frames: Int, output: String) {
    let again = try Program.run(["-w", workspace, "-c", command])
    #expect(again.status == 0)
    let note = try #require(again.errors.firstMatch(of: /note: (\d+) of 3165 frames of twin on sim\/gaborium/))
    return (try #require(Int(note.1)), again.output)
  }

  @Test("After kill -9 the next run goes on from the blocks that were done, to the same result")
  func killed() throws {
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = ["-w", workspace, "-c", command]
    process.standardOutput = FileHandle.nullDevice
    let before = objectCount
    try process.run()
    while process.isRunning, objectCount < before + 3 { usleep(2000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    let (frames, output) = try resumed()
    #expect(frames >= 256 && frames < 3165)
    _ = try Program.run(["-w", workspace, "-c", "clean --caches"])
    #expect(try Program.run(["-w", workspace, "-c", command]).output == output)
  }

  @Test("Ctrl-C ends with status 130 and tells what is kept; a bar with rate and time left was there")
  func interrupted() throws {
    let before = objectCount
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", workspace, "-c", command], environment: ["TERM": "xterm"], columns: 100, rows: 20)
    // A bar is drawn once the work has taken a fifth of a second.
    #expect(terminal.waitUntil { $0.contains(" left") && objectCount >= before + 3 })
    terminal.send("\u{3}")
    #expect(terminal.waitForExit() == 130)
    let written = String(decoding: terminal.transcript, as: UTF8.self)
    #expect(written.contains(/predict sim\/gaborium .* \d+\/3165 frames  [\d.]+ frames\/s  \d+:\d\d left/))
    let message = try #require(
      written.firstMatch(of: /interrupted: (\d+) of 3165 frames .* are kept; run the same command again to continue/))
    #expect(try resumed().frames == Int(message.1))
  }
}
