import Base
import Formats
import Recordings
import TestSupport
import Testing

/// Recordings that are read at a lower rate than they were made.
struct DownsamplingTests {
  @Test("Covariates are grouped as VisionCore groups them", arguments: [2, 3])
  func covariatesGroupedAs(factor: Int) throws {
    let stimulus = try stimulus(factor: factor)
    let expected = try NpzArchive(path: Fixtures.path("recordings/filters_downsampling.npz"))
    #expect(stimulus.frameCount == 403 / factor)
    #expect(stimulus.rateHz == 240 / Double(factor))
    for name in ["stim", "eyepos", "robs", "dpi_valid", "stim_phase", "ori", "sf", "probe"] {
      let values = try stimulus.source.tensor(name)
      #expect(try difference(values, expected.tensor("down\(factor)/\(name)")) < 1e-6, "\(name)")
    }
    #expect(try stimulus.trialIDs() == expected.integers("down\(factor)/trial_inds"))
    #expect(try stimulus.psthBins() == expected.integers("down\(factor)/psth_inds"))
    let times = try stimulus.source.doubles("t_bins")
    let expectedTimes = try expected.doubles("down\(factor)/t_bins")
    #expect(times.count == 403 / factor && expectedTimes.count == times.count)
    #expect(zip(times, expectedTimes).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test("A group across two trials is a trial of its own where trial numbers are floats", arguments: [2, 3])
  func groupAcrossTwo(factor: Int) throws {
    let stimulus = try stimulus(factor: factor, floatTrials: true)
    let expected = try NpzArchive(path: Fixtures.path("recordings/filters_downsampling.npz"))
    let numbers = try expected.doubles("down\(factor)/trial_inds_trialfloat")
    #expect(try stimulus.source.doubles("trial_inds") == numbers)
    #expect(try Set(stimulus.trialIDs()).count == Set(numbers).count)
    #expect(try stimulus.mask().column(0) == expected.tensor("down\(factor)/valid_nlags_8").values)
  }

  @Test("Rows read alone are those of the whole")
  func rowsReadAlone() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.sourceRate = 120
    configuration.targetRate = 60
    let stimulus = try smallStimulus(configuration)
    #expect(stimulus.frameCount == 3)
    #expect(try stimulus.source.tensor("robs", rows: 1..<3) == stimulus.source.tensor("robs")[rows: 1..<3])
    #expect(try stimulus.counts().values == [2, 4, 10, 12, 18, 20])
  }

  @Test("A file's rate that is text is left out with a remark")
  func textRate() throws {
    let raw = try NpzArchive(path: Fixtures.path("recordings/raw.npz"))
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.sourceRate = 240
    configuration.targetRate = 240
    let stimulus = try Stimulus(
      name: "backimage", source: raw, metadata: .map([.init("rate", .string("240 Hz"))]), configuration: configuration)
    #expect(stimulus.rateHz == 240)
    #expect(stimulus.remarks.contains { $0.contains("the file's rate `240 Hz` is not a number") })
  }

  private func stimulus(factor: Int, floatTrials: Bool = false) throws -> Stimulus {
    let raw = try NpzArchive(path: Fixtures.path("recordings/raw.npz"))
    let trials = MemorySource.Array(
      shape: [403], scalar: floatTrials ? .float64 : .int64, values: try raw.doubles("trial_inds"))
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.sourceRate = 240
    configuration.targetRate = 240 / Double(factor)
    configuration.dataFilters = [DataFilterTests.lags(8)]
    return try Stimulus(
      name: "backimage", source: MemorySource(copying: raw, changes: ["trial_inds": trials]), metadata: .null,
      configuration: configuration)
  }
}
