import Base
import Formats
import Foundation
import TestSupport
import Testing

/// Every file here is small, so that many damaged copies can be tried; none may trap, whatever they hold.
@Suite("Damaged files")
struct DamageTests {
  static let files = [
    "zoo/syn_readout_edges/model.ckpt", "zoo/ser_legacy/model.ckpt", "zoo/syn_readout_edges/io.npz",
    "twin/config.yaml",
  ]

  private func inspect(_ data: Data, _ folder: String) throws -> Failure? {
    let path = folder + "/damaged"
    try data.write(to: URL(filePath: path))
    do {
      _ = try WholeFile(path: path)
      return nil
    } catch let failure as Failure {
      #expect(failure.message.contains(path) && !failure.message.contains("\n"), "\(failure)")
      return failure
    }
  }

  @Test("A file cut anywhere is refused", arguments: files.dropLast() + ["safetensors"])
  func cut(_ file: String) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let data = try content(file)
    let step = max(1, data.count / 80)
    let lengths = Array(0..<min(40, data.count)) + Array(stride(from: 40, to: data.count, by: step)) + [data.count - 1]
    for length in lengths where length < data.count {
      let failure = try inspect(data.prefix(length), folder)
      #expect(failure != nil, "\(file) cut at \(length)")
    }
  }

  @Test("A file with a changed byte opens or is refused", arguments: files + ["safetensors"])
  func flipped(_ file: String) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let data = try content(file)
    var random = MersenneTwister(seed: 7)
    for _ in 0..<120 {
      var copy = data
      for _ in 0..<1 + Int(random.nextWord() % 4) {
        copy[Int(random.nextWord()) % copy.count] = UInt8(truncatingIfNeeded: random.nextWord())
      }
      _ = try inspect(copy, folder)
    }
  }

  @Test("A pickle with a changed byte opens or is refused")
  func flippedPickles() throws {
    let corpus = try #require(Corpus.shared)
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var random = MersenneTwister(seed: 11)
    var tried = 0
    for row in corpus.rows where row.path.hasPrefix("torch-zoo/") && row.path.hasSuffix(".pkl") {
      let data = try Data(contentsOf: URL(filePath: corpus.path(row.path)))
      if data.isEmpty || data.count > 20_000 { continue }
      for _ in 0..<6 {
        var copy = data
        copy[Int(random.nextWord()) % copy.count] = UInt8(truncatingIfNeeded: random.nextWord())
        _ = try inspect(copy, folder)
        tried += 1
      }
    }
    #expect(tried > 100)
  }

  private func content(_ file: String) throws -> Data {
    guard file == "safetensors" else { return try Data(contentsOf: URL(filePath: Fixtures.path(file))) }
    return SafetensorsTests.file(
      #"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[2],"data_offsets":[24,40]}}"#,
      bytes: 40)
  }
}
