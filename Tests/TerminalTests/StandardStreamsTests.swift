import Base
import Foundation
import Terminal
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct StandardStreamsTests {
  @Test("A closed reader ends the output without a failure")
  func aReaderThatHasGoneIsNoFailure() throws {
    Interrupts.install()
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    #expect(throws: OutputClosed()) { try StandardStreams.write("text", to: ends[1], name: "output") }
  }

  @Test("A full disk is a failure that names the stream")
  func aFullDiskIsAFailureThatNamesTheStream() throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    let failure = #expect(throws: Failure.self) { try StandardStreams.write("text", to: full, name: "standard output") }
    #expect(failure?.message == "standard output: No space left on device")
  }

  @Test("A long text arrives completely")
  func allOfALongTextArrives() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "vcsh-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let text = String(repeating: "zeile é\u{0}\n", count: 100_000)
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    try StandardStreams.write(text, to: file, name: "file")
    close(file)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test("Wrapped lines count as several lines of the screen")
  func linesOnAScreenCountWithTheirWraps() {
    #expect(Pager.lineCount(of: "a\nb\n", columns: 80) == 2)
    #expect(Pager.lineCount(of: "a\n\nb", columns: 80) == 3)
    #expect(Pager.lineCount(of: String(repeating: "x", count: 161), columns: 80) == 3)
    #expect(Pager.lineCount(of: "\u{1b}[31m" + String(repeating: "x", count: 80) + "\u{1b}[0m\n", columns: 80) == 1)
  }
}
