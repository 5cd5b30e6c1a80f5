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

  @Test("A command that fails with the last room of the disk says why it failed, not that its record has no end")
  func lastRoom() throws {
    let disk = try FullDisk(megabytes: 6)
    defer { disk.unmount() }
    let workspace = disk.folder + "/w"
    try #require(try Program.run(["init", workspace]).status == 0)
    // The record of the end holds the reason, which is longer than any room that the catalogue has left.
    try #require(try run("let long = join(range(5000), '/')", workspace).status == 0)
    try disk.fill()
    let begun = try run("open $long", workspace)
    #expect(begun.status == 1 && begun.errors.contains("error: ") && begun.errors.contains("0/1/2/3"), "\(begun)")
    #expect(begun.errors.contains("note: the disk is full: the end of this entry is not recorded"), "\(begun)")
    let missing = String(repeating: "x", count: 20_000)
    let unrecorded = try run("show \(missing)", workspace)
    #expect(unrecorded.status == 1 && unrecorded.errors.contains("error: no object named `xxxx"), "\(unrecorded)")
    #expect(unrecorded.errors.contains("note: the disk is full: this entry is not recorded"), "\(unrecorded)")
    disk.empty()
    #expect(try run("verify --objects", workspace).status == 0)
  }

  @Test("A disk without free inodes is told as such, not as a lack of permissions")
  func inodes() throws {
    let disk = try FullDisk(megabytes: 6, files: 60)
    defer { disk.unmount() }
    let workspace = disk.folder + "/w"
    try #require(try Program.run(["init", workspace]).status == 0)
    _ = try Program.shell("for i in $(seq 100); do : > f$i || break; done 2>/dev/null", folder: disk.folder)
    let written = try run("print 1 > '\(disk.folder)/out.txt'", workspace)
    #expect(written.status == 1 && written.errors.contains("the disk has no free inodes"), "\(written)")
    #expect(!written.errors.contains("permission"), "\(written)")
    let read = try run("history", workspace)
    #expect(read.status == 0 && !read.errors.contains("permission"), "\(read)")
    _ = try Program.shell("rm f*", folder: disk.folder)
    #expect(try run("print 1 > '\(disk.folder)/out.txt'", workspace).status == 0)
  }

  private func run(_ command: String, _ workspace: String) throws -> Program.Result {
    try Program.run(["-w", workspace, "-c", command])
  }
}
