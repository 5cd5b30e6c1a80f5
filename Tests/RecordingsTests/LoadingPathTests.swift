import Base
import Formats
import Recordings
import TestSupport
import Testing

/// Downsampling, filters, transforms, cells, split and windows together, as VisionCore's loader runs them.
struct LoadingPathTests {
  @Test("The split is VisionCore's")
  func splitVisionCore() throws {
    let stimulus = try stimulus()
    let expected = try expected()
    #expect(try stimulus.validFrames(.train) == frames(expected, "train_inds"))
    #expect(try stimulus.validFrames(.val) == frames(expected, "val_inds"))
  }

  @Test("Covariates are VisionCore's")
  func covariatesVisionCore() throws {
    let stimulus = try stimulus()
    let expected = try expected()
    #expect(try stimulus.counts() == expected.tensor("cov/robs"))
    #expect(try stimulus.mask() == expected.tensor("cov/dfs"))
    #expect(try difference(stimulus.covariate("eyepos"), expected.tensor("cov/eyepos")) < 1e-6)
    #expect(try difference(stimulus.covariate("behavior"), expected.tensor("cov/behavior")) < 2e-6)
    #expect(try difference(stimulus.images(rows: Array(0..<60)), expected.tensor("cov/stim")) < 1e-6)
    #expect(try stimulus.source.tensor("dpi_valid") == expected.tensor("cov/dpi_valid"))
    #expect(try stimulus.source.doubles("trial_inds") == expected.doubles("cov/trial_inds"))
    let times = try stimulus.source.doubles("t_bins")
    let expectedTimes = try expected.doubles("cov/t_bins")
    #expect(times.count == stimulus.frameCount && expectedTimes.count == times.count)
    #expect(zip(times, expectedTimes).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test("A training batch is VisionCore's")
  func trainingBatchVisionCore() throws {
    let stimulus = try stimulus()
    let expected = try expected()
    let train = try frames(expected, "train_inds")
    let batch = try expected.integers("batch_index").map { train[$0] }
    #expect(try difference(stimulus.windows(frames: batch), expected.tensor("batch/stim")) < 1e-6)
    #expect(try difference(stimulus.embedding(of: "behavior", frames: batch), expected.tensor("batch/behavior")) < 2e-6)
    #expect(try stimulus.counts().gathering(rows: batch) == expected.tensor("batch/robs"))
    #expect(try stimulus.mask().gathering(rows: batch) == expected.tensor("batch/dfs"))
  }

  @Test("A transform that needs the frame before is right for single frames")
  func singleFrames() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.transforms = [TransformEntry("stim", steps: [PipelineStep("diff")])]
    let windows = try smallStimulus(configuration).windows(frames: [0, 3], lags: [0])
    #expect(windows.shape == [2, 1, 1, 1, 2])
    #expect(windows.values == [0, 0, 10, 10])
  }

  @Test("A later transform sees what an earlier one made")
  func laterTransformSees() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.transforms = [
      TransformEntry("first", source: "dpi_valid", target: "eye", steps: [PipelineStep("mul", .int(3))]),
      TransformEntry("second", source: "eye", target: "eye", steps: [PipelineStep("mul", .int(5))]),
    ]
    #expect(try smallStimulus(configuration).covariate("eye").values.first == 15)
  }

  @Test("Cids select the columns that the file has under these names")
  func cidsSelectColumns() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.cids = [31]
    let step = PipelineStep("select_units", .map([.init("indices", .string("cids"))]))
    configuration.transforms.append(TransformEntry("history", source: "robs", steps: [step]))
    let metadata = ConfigNode.map([.init("rate", .double(120)), .init("cids", .list([.int(30), .int(31)]))])
    let stimulus = try smallStimulus(configuration, metadata: metadata)
    #expect(try stimulus.covariate("history").values == [1, 3, 5, 7, 9, 11])
  }

  @Test("An unknown covariate is named")
  func unknownCovariateNamed() throws {
    let failure = try #require(throws: Failure.self) { try smallStimulus().covariate("rob") }
    #expect(failure.message == "Rec/gaborium: there is no covariate `rob` in memory.dset")
    #expect(failure.kind == .missing && failure.hint == "did you mean `robs`?")
  }

  private func expected() throws -> NpzArchive {
    try NpzArchive(path: Fixtures.path("recordings/prepare_data.npz"))
  }

  private func frames(_ archive: NpzArchive, _ name: String) throws -> [Int] {
    let pairs = try archive.integers(name)
    return stride(from: 1, to: pairs.count, by: 2).map { pairs[$0] }
  }

  private func stimulus() throws -> Stimulus {
    let raw = try NpzArchive(path: Fixtures.path("recordings/raw.npz"))
    let estimates = try expected().doubles("missing_pct_input")
    // The estimates were made at the lower rate; each stands for both frames of its group, and the last frame has none.
    let rows = (0..<403).flatMap { frame in (0..<5).map { estimates[min(frame / 2, 200) * 5 + $0] } }
    let source = try MemorySource(
      copying: raw,
      changes: [
        "trial_inds": .init(shape: [403], scalar: .float64, values: raw.doubles("trial_inds")),
        "missing_pct": .init(shape: [403, 5], scalar: .float64, values: rows),
      ])
    let configuration = try RecordingConfiguration(
      parent: nil, session: YAMLDocument.read(path: Fixtures.path("recordings/prepare_data.yaml")),
      sessionName: "Rec_2025-05-05")
    return try Stimulus(name: "backimage", source: source, metadata: .null, configuration: configuration)
  }
}
