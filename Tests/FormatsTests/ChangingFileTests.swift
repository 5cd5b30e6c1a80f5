import Base
import Formats
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// Files of each format that change while they are open, and what stands under a file's name but is none.
@Suite("Files that change while they are read", .timeLimit(.minutes(5)))
struct ChangingFileTests {
  /// A format with a file of it, and how all its arrays are read once it is open.
  enum Format: String, CaseIterable, Sendable {
    case torchZip, torchLegacy, pickle, safetensors, npy, npz, features, yaml

    func write(to path: String) throws {
      switch self {
      case .torchZip: try copy("zoo/syn_readout_edges/model.ckpt", path)
      case .torchLegacy: try copy("zoo/ser_legacy/model.ckpt", path)
      case .npz: try copy("zoo/syn_readout_edges/io.npz", path)
      case .yaml: try copy("twin/config.yaml", path)
      case .pickle:
        // A list of 40,000 numbers, protocol 2.
        let items = [UInt8](repeating: 0, count: 80_000).indices.map { UInt8($0 % 2 == 0 ? 0x4b : $0 / 2 % 256) }
        try Data([0x80, 2, 0x5d, 0x28] + items + Array("e.".utf8)).write(to: URL(filePath: path))
      case .safetensors:
        let header = #"{"a":{"dtype":"I32","shape":[30000],"data_offsets":[0,120000]}}"#
        try SafetensorsTests.file(header, bytes: 120_000).write(to: URL(filePath: path))
      case .npy:
        try NpyWriter.write(NamedArray("a", shape: [30_000], values: .int64(Array(0..<30_000))), to: path)
      case .features:
        let writer = try FeatureFileWriter(path: path, precision: .float16, rows: 64)
        _ = try writer.append(Tensor(zeros: [64, 8, 8, 8]))
        try writer.close()
      }
    }

    private func copy(_ fixture: String, _ path: String) throws {
      // Bytes alone: fixtures may be read-only.
      try Data(contentsOf: URL(filePath: Fixtures.path(fixture))).write(to: URL(filePath: path))
    }

    /// Opens the file; the result reads every array in it.
    func open(_ path: String) throws -> () throws -> Void {
      func all(_ source: some ArraySource) -> () throws -> Void {
        { for name in source.arrayNames where source.info(name) != nil { _ = try source.tensor(name) } }
      }
      switch self {
      case .torchZip, .torchLegacy: return all(try Checkpoint(path: path))
      case .npz: return all(try NpzArchive(path: path))
      case .safetensors: return all(try SafetensorsArchive(path: path))
      case .npy:
        let array = try NpyArray(path: path)
        return { _ = try array.stored().tensor() }
      case .features:
        let file = try FeatureFile(path: path)
        return { _ = try file.rows(0..<file.shape[0]) }
      case .pickle:
        _ = try TorchArchive(path: path)
        return {}
      case .yaml:
        _ = try YAMLDocument.read(path: path)
        return {}
      }
    }

    /// Pickles and YAML are read as a whole when they are opened.
    static let lazy = allCases.filter { $0 != .pickle && $0 != .yaml }
  }

  private func inFolder<T>(_ work: (String) throws -> T) throws -> T {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try work(folder)
  }

  /// The failure of a read after `change`; the read before it must succeed.
  private func refusal(
    _ format: Format, in folder: String, after change: (FileHandle, _ size: UInt64) throws -> Void
  ) throws -> Failure? {
    let path = folder + "/file"
    try format.write(to: path)
    try format.open(path)()
    let read = try format.open(path)
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    let size = try handle.seekToEnd()
    try change(handle, size)
    try handle.close()
    let failure = #expect(throws: Failure.self) { try read() }
    #expect(failure?.kind == .mismatch)
    #expect(failure?.message.hasPrefix("\(path) has changed since it was opened: ") == true)
    return failure
  }

  @Test("A file that is cut short after it was opened is a failure that names it", arguments: Format.lazy)
  func cut(_ format: Format) throws {
    try inFolder { folder in
      for fraction in [0, 1, 2, 3] as [UInt64] {
        let failure = try refusal(format, in: folder) { try $0.truncate(atOffset: $1 * fraction / 4) }
        #expect(failure?.hint != nil, "\(fraction) quarters")
      }
    }
  }

  @Test("A file that grows after it was opened is a failure that names it", arguments: Format.lazy)
  func grown(_ format: Format) throws {
    try inFolder { folder in
      _ = try refusal(format, in: folder) { handle, _ in try handle.write(contentsOf: Data([0])) }
    }
  }

  @Test("A file that is overwritten in place after it was opened is a failure that names it", arguments: Format.lazy)
  func overwritten(_ format: Format) throws {
    try inFolder { folder in
      _ = try refusal(format, in: folder) { handle, size in
        // Old kernels count the time of a write in steps of some milliseconds.
        usleep(20_000)
        try handle.seek(toOffset: size / 2)
        try handle.write(contentsOf: Data([1, 2, 3]))
      }
    }
  }

  @Test("A file that another program keeps writing is read or refused with its path", arguments: Format.allCases)
  func race(_ format: Format) throws {
    try inFolder { folder in
      let path = folder + "/file"
      try format.write(to: path)
      let whole = try Data(contentsOf: URL(filePath: path))
      let bytes = Array(whole)
      let descriptor = Glibc.open(path, O_WRONLY)
      try #require(descriptor >= 0)
      let isDone = Atomic<Bool>(false)
      let writer = Thread {
        while !isDone.load(ordering: .relaxed) {
          for count in [bytes.count / 3, bytes.count / 2, bytes.count] {
            ftruncate(descriptor, 0)
            pwrite(descriptor, bytes, count, 0)
            usleep(200)
          }
        }
        close(descriptor)
        isDone.store(false, ordering: .relaxed)
      }
      writer.start()
      defer {
        isDone.store(true, ordering: .relaxed)
        // The writer says that it has ended by taking the mark back.
        while isDone.load(ordering: .relaxed) { usleep(200) }
      }
      var refused = 0
      var turns = 0
      // On a busy machine the writer may start late.
      while turns < 300 || refused == 0 {
        turns += 1
        do {
          try format.open(path)()
        } catch let failure as Failure {
          refused += 1
          #expect(failure.message.contains(path), "\(failure)")
        }
      }
    }
  }

  @Test(
    "A pipe, a device or a folder under a file's name is refused at once",
    arguments: Format.allCases, ["pipe", "/dev/zero", "folder"])
  func special(_ format: Format, _ target: String) throws {
    try inFolder { folder in
      let link = folder + "/file"
      if target == "pipe" { #expect(mkfifo(folder + "/pipe", 0o600) == 0) }
      if target == "folder" {
        try FileManager.default.createDirectory(atPath: folder + "/folder", withIntermediateDirectories: false)
      }
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: target.hasPrefix("/") ? target : folder + "/" + target)
      let failure = #expect(throws: Failure.self) { try format.open(link) }
      #expect(failure?.message.contains(link) == true)
      // What a cached file is does not matter: it is made again.
      #expect(failure?.kind == (format == .features ? .missing : .format))
    }
  }

  @Test("A pipe or a device is refused before it is read", arguments: ["pipe", "/dev/zero"])
  func recognised(_ target: String) throws {
    try inFolder { folder in
      if target == "pipe" { #expect(mkfifo(folder + "/pipe", 0o600) == 0) }
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/file", withDestinationPath: target.hasPrefix("/") ? target : folder + "/" + target)
      for look in [{ _ = try FileKind.recognise($0) }, { _ = try WholeFile(path: $0) }]
        as [(String) throws -> Void]
      {
        let failure = #expect(throws: Failure.self) { try look(folder + "/file") }
        #expect(failure?.kind == .format)
        #expect(failure?.message.contains(": a file is needed, not a ") == true)
      }
    }
  }
}
