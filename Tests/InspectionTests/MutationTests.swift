import Base
import Formats
import Foundation
import Inspection
import TestSupport
import Testing

/// Damaged copies of good files. Each is listed or refused in one line; a trap would end the test run. `make fuzz` tries many
/// more: VCSH_FUZZ is the number of copies for each kind of file.
@Suite("Mutated files")
struct MutationTests {
  static let count = ProcessInfo.processInfo.environment["VCSH_FUZZ"].flatMap(Int.init) ?? 250
  /// Another seed tries other copies.
  static let seed = ProcessInfo.processInfo.environment["VCSH_FUZZ_SEED"].flatMap(UInt32.init) ?? 1

  /// Small good files by kind.
  private static func seeds(_ kind: String) throws -> [(name: String, data: Data)] {
    let corpus = try #require(Corpus.shared)
    func files(_ isWanted: (Corpus.Row) -> Bool) throws -> [(String, Data)] {
      try corpus.rows.filter { $0.expected == "load" && isWanted($0) }.map {
        ($0.path, try Data(contentsOf: URL(filePath: corpus.path($0.path))))
      }.filter { !$0.1.isEmpty && $0.1.count < 8192 }
    }
    switch kind {
    case "pickle": return try files { $0.format == "pickle" }
    case "torch-zip": return try files { $0.format == "torch-zip" }
    case "torch-legacy": return try files { $0.format == "torch-legacy" }
    case "npy": return try files { $0.format == "npy" }
    case "npz":
      return [("io.npz", try Data(contentsOf: URL(filePath: Fixtures.path("zoo/syn_readout_edges/io.npz"))))]
        + (try files { $0.format == "npz" })
    case "safetensors":
      return try files { $0.format == "safetensors" } + [
        (
          "two tensors",
          safetensors(
            #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[2],"data_offsets":[24,40]}}"#,
            byteCount: 40)
        )
      ]
    case "yaml":
      return [("config.yaml", try Data(contentsOf: URL(filePath: Fixtures.path("twin/config.yaml"))))]
    default:
      return [("settings.json", Data(#"{"lr": 0.001, "n": [1, 2, {"a": null}], "t": "\u00e9\n", "b": true}"#.utf8))]
    }
  }

  private static func safetensors(_ header: String, byteCount: Int) -> Data {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8)
      + Data(repeating: 1, count: byteCount)
  }

  /// Lists the file and reads all that is in it.
  ///
  /// - Returns: whether it was refused.
  @discardableResult private func attempt(_ data: Data, _ path: String) throws -> Bool {
    try data.write(to: URL(filePath: path))
    var isRefused = false
    for look in [{ _ = try Inspection(path: $0) }, { _ = try WholeFile(path: $0) }] as [(String) throws -> Void] {
      do { try look(path) } catch let failure as Failure {
        isRefused = true
        #expect(failure.message.contains(path) && !failure.message.contains("\n"), "\(failure)")
      }
    }
    return isRefused
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  static let kinds = ["pickle", "torch-zip", "torch-legacy", "npy", "npz", "safetensors", "yaml", "json"]

  @Test("A damaged copy is listed or refused in one line", arguments: kinds)
  func mutated(_ kind: String) throws {
    try inFolder { folder in
      let seeds = try Self.seeds(kind)
      try #require(!seeds.isEmpty)
      var tried = 0
      var refused = 0
      var mutators = seeds.enumerated().map { Mutator($1.data, seed: Self.seed &+ UInt32($0)) }
      while tried < Self.count {
        let index = tried % mutators.count
        if try attempt(mutators[index].next(), folder + "/damaged") { refused += 1 }
        tried += 1
      }
      // Where nothing is refused, nothing was damaged.
      #expect(refused > 0 && tried == Self.count)
    }
  }

  @Test("Every cut of a small file is listed or refused in one line", arguments: kinds)
  func cut(_ kind: String) throws {
    try inFolder { folder in
      let small = try Self.seeds(kind).filter { $0.data.count <= 2600 }.sorted { $0.data.count < $1.data.count }
        .prefix(Self.count > 250 ? 10 : 1)
      try #require(!small.isEmpty)
      for seed in small {
        for length in 0..<seed.data.count { try attempt(seed.data.prefix(length), folder + "/cut") }
      }
    }
  }

  @Test("A small file with a wrong byte in its header is listed or refused in one line", arguments: kinds)
  func single(_ kind: String) throws {
    try inFolder { folder in
      let small = try Self.seeds(kind).min { $0.data.count < $1.data.count }
      let seed = try #require(small)
      let values: [UInt8] = Self.count > 250 ? Array(stride(from: 0, through: 255, by: 15)) : [0, 0x7f, 0xff]
      for place in 0..<min(seed.data.count, 160) {
        for value in values {
          var copy = seed.data
          copy[place] = value
          try attempt(copy, folder + "/single")
        }
      }
    }
  }
}
