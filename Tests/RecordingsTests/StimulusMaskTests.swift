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

  @Test func `one column stands for every cell`() throws {
    #expect(try smallStimulus().mask().values == [0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1])
  }

  @Test func `the file's mask and the YAML's filters must both hold`() throws {
    let stimulus = try smallStimulus(filtered(2))
    #expect(try stimulus.mask().values == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1])
    #expect(try stimulus.validFrames(.all) == [2, 5])
  }

  @Test func `a frame without valid eye position breaks the run of good frames`() throws {
    let eyes = MemorySource.Array(shape: [6], scalar: .float32, values: [1, 1, 1, 1, 0, 1])
    let stimulus = try smallStimulus(filtered(1), changes: ["dfs": nil, "dpi_valid": eyes])
    #expect(try stimulus.validFrames(.all) == [1, 2, 5])
  }

  @Test func `a frame counts where any cell does`() throws {
    let mask = MemorySource.Array(shape: [6, 2], scalar: .float32, values: [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1])
    #expect(try smallStimulus(changes: ["dfs": mask]).validFrames(.all) == [1, 2, 5])
  }

  @Test func `train and validation frames are disjoint and together all`() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.trainFraction = 0.5
    let stimulus = try smallStimulus(configuration)
    let train = try stimulus.validFrames(.train)
    let val = try stimulus.validFrames(.val)
    #expect(try (train + val).sorted() == stimulus.validFrames(.all))
    #expect(train.count == 2 && val.count == 2)
  }

  @Test func `without mask and filters the stimulus's own lags must be there`() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.lags = ["stim": [0, 1, 2]]
    #expect(try smallStimulus(configuration, changes: ["dfs": nil]).validFrames(.all) == [2, 5])
  }

  @Test func `an empty list of filters keeps every bin`() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.dataFilters = []
    #expect(try smallStimulus(configuration, changes: ["dfs": nil]).mask().values.allSatisfy { $0 == 1 })
  }

  @Test func `a filter says which covariate it lacks`() throws {
    let stimulus = try smallStimulus(filtered(2), changes: ["dpi_valid": nil])
    let failure = try #require(throws: Failure.self) { try stimulus.mask() }
    #expect(failure.kind == .missing && failure.message.contains("`dpi_valid`"))
  }

  @Test func `a recording without trials can not be split by trial`() throws {
    let stimulus = try smallStimulus(changes: ["trial_inds": nil])
    #expect(try stimulus.validFrames(.all) == [1, 2, 4, 5])
    #expect(throws: Failure.self) { try stimulus.validFrames(.val) }
  }

  @Test func `a mask of another width is refused`() throws {
    let mask = MemorySource.Array(shape: [6, 3], scalar: .float32, values: [Double](repeating: 1, count: 18))
    #expect(throws: Failure.self) { try smallStimulus(changes: ["dfs": mask]).mask() }
  }
}
