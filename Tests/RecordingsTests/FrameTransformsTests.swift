import Base
import Formats
import Recordings
import Testing

/// Transforms of the stimulus that reach over time, read in stretches.
struct FrameTransformsTests {
  static func options(_ entries: KeyValuePairs<String, ConfigNode>) -> ConfigNode {
    .map(entries.map { ConfigNode.Entry($0.key, $0.value) })
  }

  static let basis = PipelineStep(
    "temporal_basis", options(["num_delta_funcs": .int(1), "num_cosine_funcs": .int(2), "history_bins": .int(8)]))
  static let twoSided = PipelineStep(
    "temporal_basis",
    options(["num_cosine_funcs": .int(2), "history_bins": .int(7), "causal": .bool(false), "log_spacing": .bool(false)])
  )
  static let adaptation = PipelineStep("dacones", options(["filter_length": .int(9)]))

  static let pipelines: [[PipelineStep]] = [
    [PipelineStep("diff")], [PipelineStep("diff", options(["axis": .int(-3)]))], [PipelineStep("smooth", .double(1.5))],
    [basis], [twoSided], [adaptation], [PipelineStep("maxnorm")],
    [PipelineStep("pixelnorm"), PipelineStep("diff"), PipelineStep("maxnorm"), PipelineStep("symlog"), twoSided],
    [
      PipelineStep("smooth", .double(0.7)), PipelineStep("maxnorm"), PipelineStep("diff"), PipelineStep("maxnorm"),
      basis,
    ],
    [PipelineStep("diff"), PipelineStep("splitrelu"), PipelineStep("smooth", .int(1))],
  ]

  /// 600 frames of 2x3 pixels: more than one block of what is gathered over the whole recording.
  static let frameCount = 600

  private func stimulus(_ steps: [PipelineStep]) throws -> Stimulus {
    let count = Self.frameCount
    let pixels = (0..<count * 6).map { place -> Double in
      let noise = place * 7919 + place / 6 * 31
      return Double(noise % 256)
    }
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.transforms = [TransformEntry("stim", steps: steps)]
    return try Stimulus(
      name: "gaborium",
      source: MemorySource([
        "stim": .init(shape: [count, 2, 3], scalar: .uint8, values: pixels),
        "robs": .init(shape: [count, 1], scalar: .float32, values: [Double](repeating: 0, count: count)),
      ]), metadata: .map([.init("rate", .double(120))]), configuration: configuration)
  }

  @Test("A few frames are those of the whole, to the last bit", arguments: pipelines)
  func fewFramesThose(steps: [PipelineStep]) throws {
    let stimulus = try stimulus(steps)
    let whole = try stimulus.covariate("stim")
    let last = Self.frameCount - 1
    for rows in [[0], [last], [0, 1, 2, 9, 11, 40], Array(250..<270) + [last - 3, last], [3, 300, 301, 304, 340]] {
      let frames = try stimulus.images(rows: rows)
      #expect(frames.count > 0 && frames.values == whole.gathering(rows: rows).values, "rows \(rows)")
    }
  }

  @Test("Only the rows that are reached are read, in stretches that do not overlap")
  func onlyRowsReached() throws {
    let stimulus = try stimulus([PipelineStep("diff"), Self.basis])
    _ = try stimulus.images(rows: [0, 100, 101, 105, 300])
    // One frame for the difference and eight for the basis; 105 lies within the margin of 101.
    #expect(try #require(stimulus.source as? MemorySource).rowsRead == [0..<1, 91..<106, 291..<301])
  }

  @Test("The largest magnitude is looked for once, block by block")
  func largestMagnitudeLooked() throws {
    let stimulus = try stimulus([PipelineStep("maxnorm")])
    for row in [5, 500] { _ = try stimulus.images(rows: [row]) }
    let read = try #require(stimulus.source as? MemorySource).rowsRead
    #expect(read == [0..<256, 256..<512, 512..<600, 5..<6, 500..<501])
  }

  @Test("A transform that needs everything still gets it")
  func transformNeedsEverything() throws {
    let stimulus = try stimulus([PipelineStep("pixelnorm"), PipelineStep("fftwhitening")])
    #expect(try stimulus.images(rows: [7]).values == stimulus.covariate("stim")[row: 7].values)
  }

  @Test("A transform that changes the number of frames is refused")
  func transformChangesNumber() throws {
    let chomped = PipelineStep(
      "temporal_basis", Self.options(["num_cosine_funcs": .int(2), "history_bins": .int(8), "chomp": .int(3)]))
    for step in [chomped, PipelineStep("splitrelu", Self.options(["split_dim": .int(-3)]))] {
      let failure = try #require(throws: Failure.self) { try stimulus([step]).images(rows: [4]) }
      #expect(failure.kind == .unsupported)
      #expect(failure.message.contains(" returns ") && failure.message.contains(" frames for "), "\(failure)")
    }
  }
}
