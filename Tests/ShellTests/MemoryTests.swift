import Foundation
import TestSupport
import Testing

@Suite("Memory against the length of a recording", .serialized)
struct MemoryTests {
  /// A recording of 61 x 61 pixels in which few frames count: all of it is checked and masked, little is computed.
  func recording(frames: Int, in folder: String) throws -> String {
    let side = 61
    var generator = SystemRandomNumberGenerator()
    let noise = Data((0..<1 << 20).map { _ in UInt8.random(in: 0...255, using: &generator) })
    var pixels = Data(capacity: frames * side * side + noise.count)
    while pixels.count < frames * side * side { pixels.append(noise) }
    let cells = 16
    let writer = DatasetWriter(
      session: "Sim_2025-01-17", rateHz: 120,
      covariates: [
        .init("stim", shape: [frames, side, side], uint8: pixels.prefix(frames * side * side)),
        .init("robs", shape: [frames, cells], float: (0..<frames * cells).map { $0 % 11 == 0 ? 1 : 0 }),
        .init("dpi_valid", shape: [frames], float: [Float](repeating: 1, count: frames)),
        .init("trial_inds", shape: [frames], int64: (0..<frames).map { Int64($0 / 200) }),
        .init("dfs", shape: [frames, 1], float: (0..<frames).map { $0 % 200 == 100 ? 1 : 0 }),
      ])
    let name = folder + "/Sim_2025-01-17-\(frames)"
    try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
    try writer.write(to: name + "/gaborium.dset")
    return name
  }

  /// Peak resident memory of the program once it has run the commands, in bytes: `VmHWM`.
  func peak(_ commands: [String], workspace: String, folder: String) throws -> Int {
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", workspace], environment: ["TERM": "xterm"], folder: folder, columns: 200, rows: 200)
    #expect(terminal.waitFor("vcsh>"))
    for (index, command) in commands.enumerated() {
      terminal.send(command + "\r")
      terminal.send("print done-\(index)\r")
      #expect(terminal.waitFor("\ndone-\(index)", timeout: 60))
    }
    let status = try String(contentsOfFile: "/proc/\(terminal.processID)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    let kilobytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
    return try #require(kilobytes) * 1024
  }

  @Test("Evaluating ten times the frames takes no more memory")
  func bounded() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let template = Program.project + "/workspace-template"
    var peaks: [Int] = []
    for frames in [2000, 20_000] {
      let path = try recording(frames: frames, in: folder)
      let workspace = try Program.workspace()
      peaks.append(
        try peak(
          [
            "open \(template)/checkpoints/twin.ckpt as twin",
            "open \(path) as sim --config \(template)/recordings/multi_sim_120_all.yaml",
            "eval twin on sim/gaborium --split all as scores; show scores | count",
          ], workspace: workspace, folder: folder))
      try? FileManager.default.removeItem(atPath: (workspace as NSString).deletingLastPathComponent)
    }
    // The pixels alone are 74 MB of the longer file. Counts and mask of all frames would be 2.6 MB.
    #expect(peaks[1] - peaks[0] < 15 << 20, "\(peaks)")
  }
}
