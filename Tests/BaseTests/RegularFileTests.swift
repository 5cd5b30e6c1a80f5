import Base
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Reading files that others may write to", .timeLimit(.minutes(1)))
final class RegularFileTests {
  private let folder: String
  private var path: String { folder + "/a" }

  init() throws {
    folder = try Fixtures.temporaryFolder()
    try Data("0123456789".utf8).write(to: URL(filePath: folder + "/a"))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Changes the file in place, as a program does that has it open.
  private func edit(_ change: (FileHandle) throws -> Void) throws {
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try change(handle)
    try handle.close()
  }

  private func expectChanged(_ file: RegularFile, _ what: String) {
    let failure = #expect(throws: Failure.self) { try file.read(0..<2) }
    #expect(failure?.kind == .mismatch)
    #expect(failure?.message == "\(path) has changed since it was opened: \(what)")
    #expect(failure?.hint != nil)
  }

  @Test("Bytes, size and digest are those of the file")
  func reading() throws {
    let file = try RegularFile(path: path)
    #expect(file.size == 10)
    #expect(try file.read(3..<6) == Data("345".utf8))
    #expect(try file.read(4..<4).isEmpty)
    #expect(try file.contents() == Data("0123456789".utf8))
    #expect(try file.digest() == Digest.of("0123456789"))
    #expect(try file.digest(after: "x") == Digest.of("x0123456789"))
  }

  @Test("Pieces of a large file follow each other without a gap")
  func pieces() throws {
    let count = 2 * RegularFile.pieceByteCount + 7
    let bytes = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
    try bytes.write(to: URL(filePath: path))
    let file = try RegularFile(path: path)
    var joined = Data()
    try file.forEachPiece(of: 5..<count) { joined.append(contentsOf: $0) }
    #expect(joined == bytes[5...])
    var copy = Data(count: count)
    var seen = Data()
    try copy.withUnsafeMutableBytes { try file.read(0..<count, into: $0) { seen.append(contentsOf: $0) } }
    #expect(copy == bytes && seen == bytes)
  }

  @Test("A file that was cut short is refused by every read, even of bytes that it still has")
  func shorter() throws {
    let file = try RegularFile(path: path)
    try edit { try $0.truncate(atOffset: 4) }
    expectChanged(file, "it had 10 bytes and has 4")
    for read in [
      { _ = try file.digest() }, { try file.forEachPiece(of: 0..<10) { _ in } }, { _ = try file.contents() },
    ] as [() throws -> Void] {
      let failure = #expect(throws: Failure.self) { try read() }
      #expect(failure?.kind == .mismatch)
      #expect(failure?.message == "\(path) has changed since it was opened: it ends at byte 4")
    }
  }

  @Test("A file that has grown is refused")
  func longer() throws {
    let file = try RegularFile(path: path)
    try edit {
      try $0.seekToEnd()
      try $0.write(contentsOf: Data("x".utf8))
    }
    expectChanged(file, "it had 10 bytes and has 11")
  }

  @Test("A file of the same size with other bytes is refused")
  func overwritten() throws {
    let file = try RegularFile(path: path)
    // Old kernels count the time of a write in steps of some milliseconds.
    usleep(20_000)
    try edit { try $0.write(contentsOf: Data("x".utf8)) }
    expectChanged(file, "another program wrote to it")
  }

  @Test("A file that is replaced or removed by name is still read as it was opened")
  func replaced() throws {
    let file = try RegularFile(path: path)
    try Data("new".utf8).write(to: URL(filePath: path), options: .atomic)
    #expect(try file.contents() == Data("0123456789".utf8))
    #expect(try RegularFile(path: path).contents() == Data("new".utf8))
    try FileManager.default.removeItem(atPath: path)
    #expect(try file.contents() == Data("0123456789".utf8))
  }

  @Test(
    "A pipe, a device and a folder are refused at once, also behind a link",
    arguments: [("pipe", "a pipe"), ("/dev/zero", "a device"), ("/dev/tty", "a device"), ("folder", "a folder")])
  func special(_ target: String, _ word: String) throws {
    if target == "pipe" { #expect(mkfifo(folder + "/pipe", 0o600) == 0) }
    try FileManager.default.createDirectory(atPath: folder + "/folder", withIntermediateDirectories: false)
    let direct = target.hasPrefix("/") ? target : folder + "/" + target
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: direct)
    for path in [direct, folder + "/link"] {
      let failure = #expect(throws: Failure.self) { try RegularFile(path: path) }
      #expect(failure?.kind == .format)
      #expect(failure?.message == "\(path): a file is needed, not \(word)")
    }
  }

  @Test("A link to a file reads the file")
  func link() throws {
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "a")
    #expect(try RegularFile(path: folder + "/link").size == 10)
  }

  @Test("A file that does not exist is missing, with the name that was probably meant")
  func missing() throws {
    try FileManager.default.moveItem(atPath: path, toPath: folder + "/stimulus.dset")
    let failure = #expect(throws: Failure.self) { try RegularFile(path: folder + "/stimulu.dset") }
    #expect(failure?.kind == .missing)
    #expect(failure?.message == "\(folder)/stimulu.dset: no such file")
    #expect(failure?.hint == "did you mean `\(folder)/stimulus.dset`?")
  }

  @Test("A file without permission to read it can't be read", .enabled(if: geteuid() != 0))
  func permission() throws {
    #expect(chmod(path, 0) == 0)
    let failure = #expect(throws: Failure.self) { try RegularFile(path: path) }
    #expect(failure?.kind == .system)
    #expect(failure?.hint == "check the file's permissions")
  }

  @Test("Reading ends when it is cancelled")
  func cancelled() throws {
    let file = try RegularFile(path: path)
    let cancellation = Cancellation()
    cancellation.cancel()
    let failure = #expect(throws: Failure.self) {
      try Cancellation.$current.withValue(cancellation) { try file.contents() }
    }
    #expect(failure == .interrupted)
  }
}
