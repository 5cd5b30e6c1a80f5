import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Who holds the catalogue's lock")
struct LockHolderTests {
  @Test("The kernel's list of locks gives the process: a writer before a reader, and never this one")
  func list() throws {
    let path = try Fixtures.temporaryFolder() + "/file"
    try Data("x".utf8).write(to: URL(filePath: path))
    var info = stat()
    try #require(stat(path, &info) == 0)
    let file = "fe:00:\(info.st_ino)"
    let list = """
      1: POSIX  ADVISORY  WRITE 11 fe:00:1 1073741824 1073741824
      2: FLOCK  ADVISORY  WRITE 12 \(file) 0 EOF
      3: POSIX  ADVISORY  WRITE 13 \(file) 0 EOF
      4: POSIX  ADVISORY  READ 14 \(file) 1073741826 1073742335
      4: -> POSIX  ADVISORY  WRITE 15 \(file) 1073741825 1073741825
      5: POSIX  ADVISORY  WRITE 16 \(file) 1073741825 1073741825
      6: nonsense
      """
    #expect(LockHolder.process(of: path, in: list, own: 1) == 16)
    #expect(LockHolder.process(of: path, in: list, own: 16) == 14)
    #expect(LockHolder.process(of: path, in: "", own: 1) == nil)
    #expect(LockHolder.process(of: path + "no", in: list, own: 1) == nil)
  }

  @Test("A process is named with the program that it runs, on one line")
  func words() throws {
    let words = LockHolder.words(getpid())
    let program = (try #require(ProcessInfo.processInfo.arguments.first) as NSString).lastPathComponent
    #expect(words.hasPrefix("process \(getpid()) (\(program)") && !words.contains("\n"))
    #expect(LockHolder.words(0) == "process 0")
  }
}
