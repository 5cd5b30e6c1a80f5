import Foundation
import TestSupport
import Testing

/// A small file system that is full. Needs the right to mount one; without it the tests are skipped.
@Suite("A full disk", .serialized, .enabled(if: FullDisk.isPossible, "needs the right to mount a tmpfs"))
struct FullDiskTests {
  @Test("Reading goes on unrecorded, nothing but removal spends the reserve, and there is room again after it")
  func reserve() throws {
    let disk = try FullDisk(megabytes: 6)
    defer { disk.unmount() }
    let workspace = disk.folder + "/w"
    let made = try Program.run(["init", workspace])
    try #require(made.status == 0, "\(made)")
    try #require(try run("let t = [{a: 1}, {a: 2}]; print $t", workspace).status == 0)
    try disk.fill()
    let reserve = workspace + "/reserve"
    for command in ["ls", "history"] {
      let read = try run(command, workspace)
      #expect(
        read.status == 0 && read.errors.contains("the disk is full: "), "\(command): \(read)")
    }
    // Its result is kept already.
    let again = try run("out 2", workspace)
    #expect(again.status == 0 && again.output.contains("{a: 1} {a: 2}"), "\(again)")
    #expect(FileManager.default.fileExists(atPath: reserve))
    let cleaned = try run("clean --caches", workspace)
    #expect(cleaned.status == 0, "\(cleaned)")
    disk.empty()
    #expect(try run("print 1", workspace).status == 0)
    #expect(FileManager.default.fileExists(atPath: reserve))
  }

  private func run(_ command: String, _ workspace: String) throws -> Program.Result {
    try Program.run(["-w", workspace, "-c", command])
  }
}
