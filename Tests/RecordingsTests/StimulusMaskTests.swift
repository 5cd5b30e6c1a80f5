import Base
import Formats
import Recordings
import Testing

struct StimulusMaskTests {
  func filtered(_ lagCount: Int) -> RecordingConfiguration {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.dataFilters = [PipelineStep("valid_nlags", .map([.init("n_lags", .int(lagCount))]))]
    return configuration
  }

  @Test("One column stands for every cell")
  func columnStandsFor() throws {
    #expect(try smallStimulus().mask().values == [0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1])
  }

  @Test("The file's mask and the YAML's filters must both hold")
  func fileMaskYAML() throws {
    let stimulus = try smallStimulus(filtered(2))
    #expect(try stimulus.mask().values == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1])
    #expect(try stimulus.validFrames(.all) == [2, 5])
  }

  @Test("A frame without valid eye position breaks the run of good frames")
  func frameValidEye() throws {
    let eyes = MemorySource.Array(shape: [6], scalar: .float32, values: [1, 1, 1, 1, 0, 1])
    let stimulus = try smallStimulus(filtered(1), changes: ["dfs": nil, "dpi_valid": eyes])
    #expect(try stimulus.validFrames(.all) == [1, 2, 5])
  }

  @Test("A frame counts where any cell does")
  func frameCountsAny() throws {
    let mask = MemorySource.Array(shape: [6, 2], scalar: .float32, values: [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1])
    #expect(try smallStimulus(changes: ["dfs": mask]).validFrames(.all) == [1, 2, 5])
  }

  @Test("Train and validation frames are disjoint and together all")
  func trainValidationFrames() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.trainFraction = 0.5
    let stimulus = try smallStimulus(configuration)
    let train = try stimulus.validFrames(.train)
    let val = try stimulus.validFrames(.val)
    #expect(try (train + val).sorted() == stimulus.validFrames(.all))
    #expect(train.count == 2 && val.count == 2)
  }

  @Test("Without mask and filters a bin needs all lags of the stimulus")
  func maskFiltersStimulus() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.lags = ["stim": [0, 1, 2]]
    #expect(try smallStimulus(configuration, changes: ["dfs": nil]).validFrames(.all) == [2, 5])
  }

  @Test("An empty list of filters keeps every bin")
  func emptyListFilters() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.dataFilters = []
    let mask = try smallStimulus(configuration, changes: ["dfs": nil]).mask()
    #expect(mask == Tensor(shape: [6, 2], values: .init(repeating: 1, count: 12)))
  }

  @Test("A filter names the covariate that it lacks")
  func filterSaysWhich() throws {
    let stimulus = try smallStimulus(filtered(2), changes: ["dpi_valid": nil])
    let failure = try #require(throws: Failure.self) { try stimulus.mask() }
    #expect(failure.kind == .missing)
    #expect(failure.message == "memory.dset: no `dpi_valid`, which valid_nlags needs")
  }

  @Test("A recording without trials can't be split by trial")
  func recordingTrialsCan() throws {
    let stimulus = try smallStimulus(changes: ["trial_inds": nil])
    #expect(try stimulus.validFrames(.all) == [1, 2, 4, 5])
    let failure = #expect(throws: Failure.self) { try stimulus.validFrames(.val) }
    #expect(failure?.message == "Rec/gaborium: there is no `trial_inds`, so the trials of the frames are unknown")
  }

  @Test("A mask of another width is refused")
  func maskAnotherWidth() throws {
    let mask = MemorySource.Array(shape: [6, 3], scalar: .float32, values: [Double](repeating: 1, count: 18))
    let failure = #expect(throws: Failure.self) { try smallStimulus(changes: ["dfs": mask]).mask() }
    #expect(failure?.message == "Rec/gaborium: `dfs` has 3 columns for 2 cells")
  }
}
