import Base
import Formats
import Recordings
import TestSupport
import Testing

@Suite("Counts and mask, a stretch at a time")
struct ObservedResponsesTests {
  /// 10,000 frames in trials of 100, two cells; every seventh bin of a cell is masked.
  func long() throws -> (stimulus: Stimulus, source: MemorySource) {
    let frames = 10_000
    let source = MemorySource([
      "stim": .init(shape: [frames, 1, 1], scalar: .uint8, values: [Double](repeating: 0, count: frames)),
      "robs": .init(shape: [frames, 2], scalar: .float32, values: (0..<2 * frames).map { Double($0 % 5) }),
      "dfs": .init(shape: [frames, 2], scalar: .float32, values: (0..<2 * frames).map { $0 % 7 == 0 ? 0 : 1 }),
      "trial_inds": .init(shape: [frames], scalar: .int64, values: (0..<frames).map { Double($0 / 100) }),
      "dpi_valid": .init(shape: [frames], scalar: .float32, values: [Double](repeating: 1, count: frames)),
    ])
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.dataFilters = [
      PipelineStep("valid_nlags", .map([.init("n_lags", .int(3))]), place: "test")
    ]
    let stimulus = try Stimulus(
      name: "gaborium", source: source, metadata: .map([.init("rate", .double(120))]), configuration: configuration)
    return (stimulus, source)
  }

  @Test("The stretches together are the whole, in the order asked for", arguments: [Split.all, .train, .val])
  func stretches(split: Split) throws {
    let stimulus = try long().stimulus
    let frames = try stimulus.validFrames(split)
    var seen: [Int] = []
    var counts: [Float] = []
    var mask: [Float] = []
    var calls = 0
    try stimulus.eachSpan(of: frames) { span in
      calls += 1
      seen += span.frames
      counts += span.counts.values
      mask += span.mask.values
    }
    #expect(calls == 3, "4096 frames of the recording each")
    #expect(seen == frames)
    #expect(counts == (try stimulus.counts().gathering(rows: frames).values))
    #expect(mask == (try stimulus.mask().gathering(rows: frames).values))
  }

  @Test("Valid frames and the stretches read no frame of the stimulus, and no more rows at a time than a stretch has")
  func bounded() throws {
    let (stimulus, source) = try long()
    try stimulus.eachSpan(of: stimulus.validFrames(.all)) { _ in }
    #expect(source.rowsRead.map(\.count).max() == 4096)
    #expect(!source.namesRead.contains("stim"))
  }

  @Test("A frame outside the recording is refused before anything is handed on")
  func outside() throws {
    let stimulus = try long().stimulus
    let failure = #expect(throws: Failure.self) {
      try stimulus.eachSpan(of: [0, 10_000]) { _ in Issue.record("handed on") }
    }
    #expect(failure?.message == "Rec/gaborium: there is no frame 10000 among its 10000")
  }
}
