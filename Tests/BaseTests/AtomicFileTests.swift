import Base
import Foundation
import TestSupport
import Testing

@Suite("Writing files")
struct AtomicFileTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func mode(_ path: String) throws -> Int {
    var info = stat()
    try #require(stat(path, &info) == 0)
    return Int(info.st_mode & 0o777)
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test("A file that is replaced keeps its mode")
  func mode() throws {
    try inFolder { folder in
      let path = folder + "/private.csv"
      try Data("old".utf8).write(to: URL(filePath: path))
      try #require(chmod(path, 0o600) == 0)
      try AtomicFile.write(Data("new".utf8), to: path)
      #expect(try text(path) == "new")
      #expect(try mode(path) == 0o600)
    }
  }

  @Test("A link is followed, also to a file that is not there yet", arguments: [true, false])
  func link(_ isThere: Bool) throws {
    try inFolder { folder in
      if isThere { try Data("old".utf8).write(to: URL(filePath: folder + "/target")) }
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "target")
      try AtomicFile.write(Data("new".utf8), to: folder + "/link")
      #expect(try text(folder + "/target") == "new")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "target")
    }
  }

  @Test("A pipe gets the bytes and stays a pipe; without a reader it is refused at once")
  func pipe() throws {
    try inFolder { folder in
      let path = folder + "/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      let failure = #expect(throws: Failure.self) { try AtomicFile.write(Data("x".utf8), to: path) }
      #expect(failure?.message == "\(path): no program reads from this pipe")
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      try #require(reader >= 0)
      defer { close(reader) }
      try AtomicFile.write(Data("bytes".utf8), to: path)
      var buffer = [UInt8](repeating: 0, count: 16)
      #expect(read(reader, &buffer, 16) == 5)
      var info = stat()
      #expect(stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO)
    }
  }

  @Test("A device gets the bytes and stays a device")
  func device() throws {
    try AtomicFile.write(Data("x".utf8), to: "/dev/null")
    var info = stat()
    #expect(stat("/dev/null", &info) == 0 && info.st_mode & S_IFMT == S_IFCHR)
  }

  @Test("Where a file can't be written the reason is named and nothing is left")
  func refused() throws {
    try inFolder { folder in
      let failure = #expect(throws: Failure.self) { try AtomicFile.write(Data(), to: folder + "/no/file") }
      #expect(failure?.message.hasSuffix("No such file or directory") == true)
      let full = #expect(throws: Failure.self) { try AtomicFile.write(Data("x".utf8), to: "/dev/full") }
      #expect(full?.message == "/dev/full: can't be written: No space left on device")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }
}
