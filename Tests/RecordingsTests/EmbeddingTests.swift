import Base
import Formats
import Recordings
import TestSupport
import Testing

/// Samples over two recordings, as VisionCore's combined dataset hands them out.
struct EmbeddingTests {
  static let names = ["robs", "stim", "stim3", "eyepos", "history", "dfs", "trial_inds", "frame"]

  /// Positions in the list of samples that were asked for, by the name of what came back.
  static let asked: [(part: String, positions: [Int])] = [
    ("batch", [0, 255, 89, 304, 203, 264, 25, 14, 332]), ("single", [304]), ("slice10_13", [10, 11, 12]),
  ]

  @Test("Every recorded array is compared")
  func everyRecordedArray() throws {
    let expected = try archive()
    let compared = Self.asked.flatMap { asked in Self.names.map { "\(asked.part)/\($0)" } }
    #expect(
      Set(expected.arrayNames) == Set(compared + ["inds", "batch_index", "dfs_first", "dfs_second"]))
    #expect(try expected.integers("batch_index") == Self.asked[0].positions)
  }

  @Test("Covariates at their lags are VisionCore's", arguments: names, ["batch", "single", "slice10_13"])
  func covariatesAtTheir(name: String, part: String) throws {
    let expected = try archive()
    let recordings = try [recording("raw", mask: "dfs_first"), recording("raw_second", mask: "dfs_second")]
    let offered = try expected.integers("inds")
    let positions = try #require(Self.asked.first { $0.part == part }).positions
    var values: [Float] = []
    for position in positions {
      let stimulus = recordings[offered[2 * position]]
      values += try sample(name, of: stimulus, frame: offered[2 * position + 1]).values
    }
    let recorded = try expected.tensor("\(part)/\(name)")
    #expect(difference(Tensor(shape: recorded.shape, values: values), recorded) < 1e-6)
  }

  @Test("Masks of both recordings are VisionCore's")
  func masksBothRecordings() throws {
    for (file, mask) in [("raw", "dfs_first"), ("raw_second", "dfs_second")] {
      #expect(try recording(file, mask: nil).mask().column(0) == archive().tensor(mask).values)
    }
  }

  @Test("A lag before the first frame wraps, one past the last is refused")
  func lagBeforeFirst() throws {
    let stimulus = try recording("raw", mask: nil)
    #expect(try stimulus.embedding(of: "frame", frames: [1]).values == [1, 397])
    let failure = #expect(throws: Failure.self) { try stimulus.embedding(of: "eyepos", frames: [402]) }
    #expect(failure?.message == "Rec/backimage: frame 402 at lag -2 lies outside its 403 frames")
  }

  @Test("A covariate is made once, however often it is embedded")
  func covariateMadeOnce() throws {
    let stimulus = try recording("raw", mask: nil)
    let source = try #require(stimulus.source as? MemorySource)
    _ = try stimulus.embedding(of: "eyepos", frames: [10])
    let reads = source.wholeReads["eyepos"]
    _ = try stimulus.embedding(of: "eyepos", frames: [11, 12])
    #expect(reads == 1 && source.wholeReads["eyepos"] == 1)
  }

  private func sample(_ name: String, of stimulus: Stimulus, frame: Int) throws -> Tensor {
    name == "stim" ? try stimulus.windows(frames: [frame]) : try stimulus.embedding(of: name, frames: [frame])
  }

  private func archive() throws -> NpzArchive { try NpzArchive(path: Fixtures.path("recordings/batch.npz")) }

  /// One recording under the batch's lags, with copies of its arrays under the batch's names.
  private func recording(_ file: String, mask: String?) throws -> Stimulus {
    let raw = try NpzArchive(path: Fixtures.path("recordings/\(file).npz"))
    let count = raw.info("robs")?.shape[0] ?? 0
    let pixels = try raw.doubles("stim").map { Double((Float($0) - 127) / 255) }
    var changes: [String: MemorySource.Array] = [
      "history": .init(shape: [count, 5], scalar: .float32, values: try raw.doubles("robs")),
      "frame": .init(shape: [count], scalar: .int64, values: (0..<count).map(Double.init)),
      "stim3": .init(shape: [count, 12, 12], scalar: .float32, values: pixels),
    ]
    if let mask {
      changes["dfs"] = .init(shape: [count, 1], scalar: .float32, values: try archive().doubles(mask))
    }
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.lags = [
      "stim": [0, 1, 2, 3, 4, 5], "stim3": [0, 2, 5], "eyepos": [3, 0, -2], "history": [1, 2, 3], "frame": [0, 7],
    ]
    configuration.dataFilters = [DataFilterTests.lags(8)]
    return try Stimulus(
      name: "backimage", source: MemorySource(copying: raw, changes: changes),
      metadata: .map([.init("rate", .int(240))]), configuration: configuration)
  }
}
