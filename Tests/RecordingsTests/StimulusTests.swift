import Base
import Formats
import Recordings
import Testing

struct StimulusTests {
  @Test("Sizes, rate and cells are known without reading frames")
  func sizesRateCells() throws {
    let stimulus = try smallStimulus()
    #expect(stimulus.frameCount == 6 && stimulus.height == 1 && stimulus.width == 2)
    #expect(stimulus.rateHz == 120)
    #expect(stimulus.cids == [0, 1])
    #expect(try #require(stimulus.source as? MemorySource).rowsRead.isEmpty)
  }

  @Test("The YAML's cells choose columns in their order")
  func yamlCellsChoose() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.cids = [31, 30]
    let metadata = ConfigNode.map([.init("rate", .double(120)), .init("cids", .list([.int(30), .int(31)]))])
    let stimulus = try smallStimulus(configuration, metadata: metadata)
    #expect(stimulus.cids == [31, 30])
    #expect(try stimulus.counts().values.prefix(4) == [1, 0, 3, 2])
    #expect(try stimulus.mask().shape == [6, 2])
  }

  @Test("Cells that the file does not have are a mismatch with both counts")
  func cellsFileDoes() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.cids = [0, 1, 2]
    let failure = try #require(throws: Failure.self) { try smallStimulus(configuration) }
    #expect(failure.kind == .mismatch)
    #expect(failure.message == "Rec/gaborium: yaml 3 cells, file 2: cell 2 is not in the file")
  }

  @Test("Metadata that lists another number of cells than robs has is a mismatch")
  func metadataListsAnother() throws {
    let metadata = ConfigNode.map([.init("rate", .double(120)), .init("cids", .list([.int(30)]))])
    let failure = try #require(throws: Failure.self) { try smallStimulus(metadata: metadata) }
    #expect(failure.message == "Rec/gaborium: the metadata lists 1 cells, but robs has 2")
  }

  @Test("A file without stimulus or responses is refused", arguments: ["stim", "robs"])
  func fileStimulusResponses(name: String) throws {
    let failure = try #require(throws: Failure.self) { try smallStimulus(changes: [name: nil]) }
    #expect(failure.kind == .missing)
    #expect(failure.message == "Rec/gaborium: there is no `\(name)` in memory.dset")
  }

  @Test("A trial number that is not an integer is refused, with its frame")
  func trialNumberNo() throws {
    let trials = MemorySource.Array(shape: [6], scalar: .float64, values: [4, 4, 4.5, 9, 9, 9])
    let failure = try #require(throws: Failure.self) { try smallStimulus(changes: ["trial_inds": trials]).trialIDs() }
    #expect(failure.message == "Rec/gaborium: `trial_inds` has 4.5 at frame 2; trial numbers must be integers")
  }

  @Test("What a covariate lacks is known without reading it")
  func covariateLacksKnown() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.transforms = [TransformEntry("gaze", source: "eyepos", target: "behavior", steps: [])]
    let stimulus = try smallStimulus(configuration)
    #expect(stimulus.missing(for: "behavior") == "eyepos")
    #expect(stimulus.missing(for: "history") == "history")
    #expect(stimulus.missing(for: "robs") == nil)
    #expect(try #require(stimulus.source as? MemorySource).wholeReads.isEmpty)
  }

  @Test("A YAML for another rate is a mismatch")
  func yamlForAnother() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.targetRate = 240
    let failure = try #require(throws: Failure.self) { try smallStimulus(configuration) }
    #expect(failure.message == "Rec/gaborium: yaml 240.0 Hz, file 120.0 Hz")
  }

  @Test("Without any rate the stimulus is refused")
  func anyRateNothing() throws {
    let failure = #expect(throws: Failure.self) { try smallStimulus(metadata: .map([])) }
    #expect(failure?.message == "Rec/gaborium: neither the file's metadata nor a YAML gives the frame rate")
  }

  @Test("The summary counts spikes and valid bins")
  func summaryCountsSpikes() throws {
    let summary = try smallStimulus().summary()
    #expect(summary.trials == 2 && summary.trialBins == nil)
    #expect(summary.spikes == 66 && summary.validSpikes == 52)
    #expect(summary.validBins == 8 && summary.validFrames == 4)
  }

  @Test("Predictions have the responses at their frames; other shapes and frames are refused")
  func predictionsCarryWas() throws {
    let stimulus = try smallStimulus()
    let rates = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
    let predictions = try stimulus.predictions(frames: [5, 3], rates: rates)
    #expect(predictions.counts.values == [10, 11, 6, 7])
    #expect(predictions.mask.values == [1, 1, 0, 0])
    #expect(predictions.trials == [9, 9])
    let shape = #expect(throws: Failure.self) { try stimulus.predictions(frames: [5], rates: rates) }
    #expect(shape?.message == "Rec/gaborium: rates of shape [2, 2] for 1 frames and 2 cells")
    let outside = #expect(throws: Failure.self) { try stimulus.predictions(frames: [5, 6], rates: rates) }
    #expect(outside?.message == "Rec/gaborium: there is no frame 6 among its 6")
  }
}
