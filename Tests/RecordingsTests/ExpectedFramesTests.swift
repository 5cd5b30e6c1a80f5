import Base
import Formats
import Recordings
import TestSupport
import Testing

/// Which frames VisionCore evaluates, and what it observed there.
struct ExpectedFramesTests {
  static let stimuli = ["backimage", "gaborium", "fixrsvp"]

  @Test("Validation frames of backimage are VisionCore's, in their order")
  func validationFramesBackimage() throws { try checkSplit() }

  @Test("Validation frames of the shared backimage are VisionCore's, in their order", .enabled(if: Fixtures.hasShared))
  func validationFramesShared() throws {
    try checkSplit("Sim_2025-01-10", shared: true)
  }

  @Test("All frames are VisionCore's: those that train, then those that validate", arguments: ["gaborium", "fixrsvp"])
  func allFramesVisionCore(name: String) throws {
    try checkAll(name)
  }

  @Test(
    "All frames of the shared session are VisionCore's", .enabled(if: Fixtures.hasShared),
    arguments: ["gaborium", "fixrsvp"])
  func allFramesShared(name: String) throws {
    try checkAll(name, "Sim_2025-01-10", shared: true)
  }

  @Test("Counts and mask are VisionCore's", arguments: stimuli)
  func countsMaskVisionCore(name: String) throws { try checkObserved(name) }

  @Test("Counts and mask of the shared session are VisionCore's", .enabled(if: Fixtures.hasShared), arguments: stimuli)
  func countsMaskShared(name: String) throws {
    try checkObserved(name, "Sim_2025-01-10", shared: true)
  }

  @Test("The trials of fixrsvp repeat, and those of gaborium do not")
  func fixrsvpRepeatsOthers() throws {
    let session = "Sim_2025-01-17"
    #expect(try fixtureStimulus(session, "fixrsvp").psthBins()?.prefix(3) == [0, 1, 2])
    #expect(try fixtureStimulus(session, "gaborium").psthBins() == nil)
  }

  private func checkSplit(_ session: String = "Sim_2025-01-17", shared: Bool = false) throws {
    let stimulus = try fixtureStimulus(session, "backimage", shared: shared)
    let expected = try expectedEvaluation(session, "backimage", shared: shared)
    #expect(try stimulus.validFrames(.val) == expected.integers("idx"))
    #expect(try stimulus.validFrames(.train) == expected.integers("train_idx"))
    #expect(try stimulus.trialSplit().valTrials == expected.integers("val_trials").sorted())
    #expect(try stimulus.trialSplit().trainTrials == expected.integers("train_trials").sorted())
  }

  private func checkAll(_ name: String, _ session: String = "Sim_2025-01-17", shared: Bool = false) throws {
    let stimulus = try fixtureStimulus(session, name, shared: shared)
    let expected = try expectedEvaluation(session, name, shared: shared).integers("idx")
    #expect(try stimulus.validFrames(.all) == expected.sorted())
    #expect(try stimulus.validFrames(.train) + stimulus.validFrames(.val) == expected)
  }

  private func checkObserved(_ name: String, _ session: String = "Sim_2025-01-17", shared: Bool = false) throws {
    let stimulus = try fixtureStimulus(session, name, shared: shared)
    let expected = try expectedEvaluation(session, name, shared: shared)
    let frames = try expected.integers("idx")
    let observed = try stimulus.predictions(frames: frames, rates: expected.tensor("rhat"))
    #expect(try observed.counts == expected.tensor("robs"))
    #expect(try observed.mask == expected.tensor("dfs"))
    #expect(observed.rateHz == 120)
  }
}
