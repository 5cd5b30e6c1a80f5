import Foundation
import TestSupport
import Testing

/// `examples` reads what the examples print from the files that are installed beside the program.
@Suite struct ExamplesProgramTests {
  /// A copy of the program where nothing is installed beside it, in `bin` of the folder.
  private func install(in folder: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Program.path, toPath: folder + "/bin/vcsh")
    return folder + "/bin/vcsh"
  }

  @Test("Without the files one line says so, and the commands are shown; with them their output is")
  func installed() throws {
    let workspace = try Program.workspace()
    let folder = URL(filePath: workspace).deletingLastPathComponent().path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let program = try install(in: folder)
    let line = "\(program) -w \(workspace) -c 'examples head'"
    let without = try Program.shell(line, folder: folder)
    #expect(without.status == 0)
    #expect(without.errors == "note: what the examples print is not installed beside this program (docs/examples)\n")
    #expect(without.output.contains("> eval twin on sim/gaborium | sort rate_hz --reverse | head 3\n"))
    #expect(!without.output.contains("spikes"))

    let share = folder + "/share/vcsh/docs"
    try FileManager.default.createDirectory(atPath: share, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Program.project + "/docs/examples", toPath: share + "/examples")
    let with = try Program.shell(line, folder: folder)
    #expect(with.errors == "")
    #expect(with.output.contains("spikes"))

    try "no snapshot\n".write(toFile: share + "/examples/head.txt", atomically: true, encoding: .utf8)
    let damaged = try Program.shell(line, folder: folder)
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("share/vcsh/docs/examples/head.txt:1: expected `> COMMAND`"))
  }
}
