import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("numpy files")
struct NpzTests {
  private func inFolder<T>(_ work: (String) throws -> T) throws -> T {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try work(folder)
  }

  private let arrays = [
    NamedArray("rates", shape: [2, 3], values: .float32([0, 1.5, -2, .infinity, 1e-30, 7])),
    NamedArray("times", shape: [3], values: .float64([0.1, 1e300, -0.0])),
    NamedArray("idx", shape: [2, 1], values: .int64([-1, 1 << 62])),
    NamedArray("empty", shape: [0, 4], values: .float32([])), NamedArray("scalar", shape: [], values: .float64([2.5])),
  ]

  @Test("An archive of numpy's own opens with names, shapes and values")
  func numpys() throws {
    let archive = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_backimage.npz"))
    #expect(archive.arrayNames.prefix(4) == ["rhat", "robs", "dfs", "bps"])
    #expect(archive.info("rhat") == ArrayInfo(shape: [1693, 16], scalar: .float32))
    #expect(archive.info("loss_masked") == ArrayInfo(shape: [], scalar: .float64))
    // Values read with numpy.
    #expect(try Array(archive.tensor("bps").values.prefix(3)) == [1.0706123, 0.34479043, 0.59575295])
    #expect(try Array(archive.integers("idx").prefix(3)) == [498, 499, 500])
    #expect(try abs(archive.doubles("rhat").reduce(0, +) - 2533.8408578368835) < 1e-6)
  }

  @Test("What is written reads back the same")
  func roundTrip() throws {
    try inFolder { folder in
      try NpzWriter.write(arrays, to: folder + "/a.npz")
      let archive = try NpzArchive(path: folder + "/a.npz")
      #expect(archive.arrayNames == arrays.map(\.name))
      #expect(try archive.tensor("rates") == Tensor(shape: [2, 3], values: [0, 1.5, -2, .infinity, 1e-30, 7]))
      let times = try archive.doubles("times")
      #expect(times == [0.1, 1e300, -0.0] && times.last?.sign == .minus)
      #expect(try archive.integers("idx") == [-1, 1 << 62])
      #expect(archive.info("empty") == ArrayInfo(shape: [0, 4], scalar: .float32))
      #expect(try archive.doubles("scalar") == [2.5])
    }
  }

  @Test("The same arrays give the same bytes")
  func stable() throws {
    try inFolder { folder in
      try NpzWriter.write(arrays, to: folder + "/a.npz")
      try NpzWriter.write(arrays, to: folder + "/b.npz")
      #expect(
        try Data(contentsOf: URL(filePath: folder + "/a.npz")) == Data(contentsOf: URL(filePath: folder + "/b.npz")))
      #expect(try NpzArchive(path: folder + "/a.npz").fingerprint == NpzArchive(path: folder + "/b.npz").fingerprint)
    }
  }

  @Test("Writing replaces a file as a whole and leaves nothing beside it")
  func atomic() throws {
    try inFolder { folder in
      try NpzWriter.write(arrays, to: folder + "/a.npz")
      try NpzWriter.write([arrays[0]], to: folder + "/a.npz")
      #expect(try NpzArchive(path: folder + "/a.npz").arrayNames == ["rates"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.npz"])
    }
  }

  @Test("Two arrays of one name are refused")
  func twice() throws {
    let failure = #expect(throws: Failure.self) {
      try inFolder { try NpzWriter.write([arrays[0], arrays[0]], to: $0 + "/a.npz") }
    }
    #expect(failure?.kind == .conflict && failure?.message == "a .npz can't hold two arrays of one name: rates, rates")
  }

  @Test("A folder that is not there is a failure of the system, with a remedy")
  func noFolder() throws {
    let failure = #expect(throws: Failure.self) { try inFolder { try NpzWriter.write(arrays, to: $0 + "/no/a.npz") } }
    #expect(failure?.kind == .system)
    #expect(failure?.hint != nil)
  }

  @Test("A .npy reads back the same")
  func npy() throws {
    try inFolder { folder in
      try NpyWriter.write(arrays[0], to: folder + "/a.npy")
      let array = try NpyArray(path: folder + "/a.npy")
      #expect(array.info == ArrayInfo(shape: [2, 3], scalar: .float32))
      #expect(try array.stored().rows(1..<2).tensor().values == [.infinity, 1e-30, 7])
    }
  }

  /// A version 1 file by hand.
  private func npy(_ header: String, _ body: [UInt8], in folder: String) throws -> NpyArray {
    let padded = header + "\n"
    let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(padded.utf8.count), 0] + Array(padded.utf8) + body
    try Data(bytes).write(to: URL(filePath: folder + "/a.npy"))
    return try NpyArray(path: folder + "/a.npy")
  }

  @Test("Fortran order is turned into row-major order")
  func fortran() throws {
    try inFolder { folder in
      let array = try npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", [1, 2, 3, 4, 5, 6], in: folder)
      #expect(try array.stored().tensor() == Tensor(shape: [2, 3], values: [1, 3, 5, 2, 4, 6]))
      #expect(try array.stored().rows(1..<2).integers() == [2, 4, 6])
    }
  }

  @Test("Big-endian numbers are swapped")
  func bigEndian() throws {
    try inFolder { folder in
      let array = try npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", [1, 2, 0xff, 0xfe], in: folder)
      #expect(try array.stored().integers() == [258, -2])
    }
  }

  @Test("Text is declared and not read as numbers")
  func text() throws {
    try inFolder { folder in
      let array = try npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", [65, 0, 0, 0], in: folder)
      #expect(!array.isNumeric)
      let failure = #expect(throws: Failure.self) { try array.stored() }
      #expect(failure?.kind == .unsupported)
    }
  }

  @Test("Numbers of 128 bits are named, with the way to numbers that are read")
  func longDouble() throws {
    try inFolder { folder in
      let bytes = [UInt8](repeating: 0, count: 16)
      let array = try npy("{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", bytes, in: folder)
      let failure = #expect(throws: Failure.self) { try array.stored() }
      #expect(failure?.message.contains("holds longdouble") == true)
      #expect(failure?.hint?.contains("astype(float)") == true)
    }
  }

  @Test("Objects are refused: they would be a pickle")
  func objects() throws {
    let failure = #expect(throws: Failure.self) {
      try inFolder { try npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", [0], in: $0) }
    }
    #expect(failure?.kind == .format)
  }
}
