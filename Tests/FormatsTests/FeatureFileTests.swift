import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Core features on disk, and arrays over arrays")
struct FeatureFileTests {
  @Test("Rows come back, in half precision within its rounding", arguments: [FeatureFile.Precision.float16, .float32])
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
    let tolerance: Float = precision == .float16 ? 1e-3 : 0
    let rows = try file.rows(1..<3)
    #expect(rows.count == 64 && zip(rows, values[32...]).allSatisfy { abs($0 - $1) <= tolerance })
    #expect(throws: Failure.self) { try file.rows(2..<4) }
    // It is an ordinary .npy, too.
    #expect(try NpyArray(path: path).stored().tensor() == Tensor(shape: [3, 2, 4, 4], values: file.rows(0..<3)))
  }

  @Test("Values that half precision can't hold are noticed")
  func tooLarge() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = try FeatureFileWriter(path: folder + "/features", precision: .float16, rows: 1)
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
      #expect(throws: Failure.self) { try FeatureFile(path: path) }
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
