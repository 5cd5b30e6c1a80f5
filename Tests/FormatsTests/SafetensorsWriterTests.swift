import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Writing safetensors")
struct SafetensorsWriterTests {
  private let arrays = [
    NamedArray("b.weight", Tensor(shape: [2, 3], values: [1, -0.0, .infinity, .leastNonzeroMagnitude, .nan, 3])),
    NamedArray("a", shape: [], values: .float64([0.1])),
    NamedArray("count", shape: [2], values: .int64([-3, 1 << 40])),
    NamedArray("empty", shape: [0, 4], values: .float32([])),
    NamedArray("on", shape: [3], values: .bool([true, false, true])),
  ]

  @Test("What is written is read again to the bit, with the metadata")
  func roundTrip() throws {
    let path = try Fixtures.temporaryFolder() + "/t.safetensors"
    try SafetensorsWriter.write(arrays, metadata: ["format": "pt", "note": "\"quoted\" ü\n"], to: path)
    let read = try SafetensorsArchive(path: path)
    #expect(Set(read.arrayNames) == Set(arrays.map(\.name)))
    #expect(read.metadata["note"]?.stringValue == "\"quoted\" ü\n")
    let weight = try read.tensor("b.weight")
    #expect(weight.shape == [2, 3])
    #expect(
      weight.values.map(\.bitPattern)
        == [1, -0.0, .infinity, .leastNonzeroMagnitude, .nan, 3].map { (value: Float) in value.bitPattern })
    #expect(try read.doubles("a") == [0.1] && read.integers("count") == [-3, 1 << 40])
    #expect(read.info("empty")?.shape == [0, 4] && read.info("on")?.scalar == .bool)
    #expect(try read.integers("on") == [1, 0, 1])
  }

  @Test("The same arrays give the same bytes, and data that begins at a multiple of 8")
  func stable() throws {
    let folder = try Fixtures.temporaryFolder()
    for name in ["a", "b"] {
      try SafetensorsWriter.write(arrays, metadata: ["k": "v", "j": "w"], to: "\(folder)/\(name)")
    }
    let (a, b) = (
      try Data(contentsOf: URL(filePath: folder + "/a")), try Data(contentsOf: URL(filePath: folder + "/b"))
    )
    #expect(a == b && (8 + Int(a[0]) + Int(a[1]) * 256) % 8 == 0)
  }

  @Test("Two arrays of one name are refused")
  func conflict() throws {
    let path = try Fixtures.temporaryFolder() + "/t.safetensors"
    #expect(throws: Failure(.conflict, "a .safetensors can't hold two arrays of one name")) {
      try SafetensorsWriter.write([arrays[0], arrays[0]], to: path)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
