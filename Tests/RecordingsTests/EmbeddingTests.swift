import Base
import Formats
import Recordings
import TestSupport
import Testing

struct EmbeddingTests {
  @Test(arguments: ["robs", "eyepos", "dfs", "history", "frame"])
  func `covariates at their lags are VisionCore's`(name: String) throws {
    let expected = try NpzArchive(path: Fixtures.path("recordings/batch.npz"))
    let raw = try NpzArchive(path: Fixtures.path("recordings/raw.npz"))
    let robs = try MemorySource.Array(shape: [403, 5], scalar: .float32, values: raw.doubles("robs"))
    let dfs = try MemorySource.Array(shape: [403, 1], scalar: .float32, values: expected.doubles("dfs_first"))
    let frame = MemorySource.Array(shape: [403], scalar: .int64, values: (0..<403).map(Double.init))
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.lags = ["eyepos": [3, 0, -2], "history": [1, 2, 3], "frame": [0, 7]]
    let source = try MemorySource(copying: raw, changes: ["history": robs, "dfs": dfs, "frame": frame])
    let stimulus = try Stimulus(
      name: "backimage", source: source, metadata: .map([.init("rate", .int(240))]), configuration: configuration)

    // The batch's rows of the first recording, and where they stand in it.
    let offered = try expected.integers("inds")
    let asked = try expected.integers("batch_index")
    let rows = asked.indices.filter { offered[2 * asked[$0]] == 0 }
    let batch = try stimulus.embedding(of: name, frames: rows.map { offered[2 * asked[$0] + 1] })
    #expect(try batch == expected.tensor("batch/\(name)").gathering(rows: rows))
  }

  @Test func `windows are VisionCore's, those that wrap included`() throws {
    let expected = try NpzArchive(path: Fixtures.path("recordings/batch.npz"))
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.lags = ["stim": [0, 1, 2, 3, 4, 5]]
    let stimulus = try Stimulus(
      name: "backimage", source: MemorySource(copying: NpzArchive(path: Fixtures.path("recordings/raw.npz"))),
      metadata: .map([.init("rate", .int(240))]), configuration: configuration)
    let offered = try expected.integers("inds")
    let asked = try expected.integers("batch_index")
    let rows = asked.indices.filter { offered[2 * asked[$0]] == 0 }
    let frames = rows.map { offered[2 * asked[$0] + 1] }
    #expect(frames.contains(1))
    #expect(
      try difference(stimulus.windows(frames: frames), expected.tensor("batch/stim").gathering(rows: rows)) < 1e-6)
  }
}
