import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Core features on disk, and arrays over arrays")
struct FeatureFileTests {
  @Test("Rows read back as written, in half precision rounded", arguments: [FeatureFile.Precision.float16, .float32])
  func roundTrip(precision: FeatureFile.Precision) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/features"
    let values: [Float] = (0..<96).map { (index: Int) -> Float in Float(index) / 37 - 1 }
    let writer = try FeatureFileWriter(path: path, precision: precision, rows: 3)
    #expect(try writer.append(Tensor(shape: [2, 2, 4, 4], values: Array(values[..<64]))))
    #expect(try writer.append(Tensor(shape: [1, 2, 4, 4], values: Array(values[64...]))))
    try writer.close()
    let file = try FeatureFile(path: path)
    #expect(file.shape == [3, 2, 4, 4])
    let stored = precision == .float16 ? values.map { Float(Float16($0)) } : values
    #expect(try file.rows(1..<3) == Array(stored[32...]))
    #expect(throws: Failure(.mismatch, "the cached features have 3 rows; rows 2..<4 were asked for")) {
      try file.rows(2..<4)
    }
    // It is an ordinary .npy, too.
    #expect(try NpyArray(path: path).stored().tensor() == Tensor(shape: [3, 2, 4, 4], values: file.rows(0..<3)))
  }

  @Test("Values above the range of half precision are reported, those within it are not")
  func tooLarge() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = try FeatureFileWriter(path: folder + "/features", precision: .float16, rows: 1)
    #expect(try writer.append(Tensor(shape: [1, 1, 1, 1], values: [60_000])))
    #expect(try !writer.append(Tensor(shape: [1, 1, 1, 1], values: [1e6])))
  }

  @Test("A cut file is refused")
  func damaged() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/features"
    let writer = try FeatureFileWriter(path: path, precision: .float32, rows: 1)
    _ = try writer.append(Tensor(shape: [1, 1, 2, 2], values: [1, 2, 3, 4]))
    try writer.close()
    let whole = try Data(contentsOf: URL(filePath: path))
    for length in [0, 10, 200, 256, whole.count - 1] {
      try whole.prefix(length).write(to: URL(filePath: path))
      let failure = #expect(throws: Failure.self, "\(length)") { try FeatureFile(path: path) }
      #expect(failure?.kind == .format && failure?.message == "the cached features at \(path) are damaged")
    }
  }

  @Test("An array comes from the upper source where it is there, else from the lower one")
  func overlay() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let one = Tensor(shape: [1], values: [1])
    let two = Tensor(shape: [1], values: [2])
    try NpzWriter.write([NamedArray("a", one), NamedArray("b", one)], to: folder + "/lower.npz")
    try NpzWriter.write([NamedArray("b", two), NamedArray("c", two)], to: folder + "/upper.npz")
    let source = OverlaySource(
      try NpzArchive(path: folder + "/upper.npz"), over: try NpzArchive(path: folder + "/lower.npz"))
    #expect(source.arrayNames == ["a", "b", "c"])
    #expect(try ["a", "b", "c"].map { try source.tensor($0).values } == [[1], [2], [2]])
    #expect(source.info("d") == nil)
  }
}
