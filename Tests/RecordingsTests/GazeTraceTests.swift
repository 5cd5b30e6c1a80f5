import Base
import Recordings
import Testing

struct GazeTraceTests {
  private func eye(_ values: [Double]) -> MemorySource.Array {
    MemorySource.Array(shape: [6, 2], scalar: .float32, values: values)
  }
  private func times(_ values: [Double]) -> MemorySource.Array {
    MemorySource.Array(shape: [6], scalar: .float64, values: values)
  }

  @Test("Runs end with trials, with invalid gaze and where a position is not a number")
  func runsEndTrials() throws {
    let gaze = MemorySource.Array(shape: [6], scalar: .float32, values: [1, 0, 1, 1, 1, 1])
    // Trials of three frames: 0-2 and 3-5.
    let stimulus = try smallStimulus(changes: [
      "eyepos": eye([0, 10, 1, 11, 2, 12, 3, 13, .nan, 14, 5, 15]), "dpi_valid": gaze,
    ])
    let trace = try stimulus.gaze()
    #expect(trace.runs == [0..<1, 2..<3, 3..<4, 5..<6])
    #expect(trace.invalidCount == 2)
    #expect(trace.x[5] == 5 && trace.y[5] == 15)
  }

  @Test("A recording without eye positions of x and y is refused, and its covariates are listed")
  func recordingEyePositions() throws {
    let failure = #expect(throws: Failure.self) { try smallStimulus().gaze() }
    #expect(failure?.message == "Rec/gaborium: there is no `eyepos`, so the eye position is unknown")
    #expect(failure?.hint?.contains("robs") == true)
    let flat = #expect(throws: Failure.self) {
      try smallStimulus(changes: [
        "eyepos": MemorySource.Array(shape: [6, 1], scalar: .float32, values: [0, 0, 0, 0, 0, 0])
      ])
      .gaze()
    }
    #expect(flat?.message == "Rec/gaborium: `eyepos` has shape [6, 1] for 6 frames of x and y")
  }

  @Test("Time is counted from each trial's first frame, and the rate is that of the usual step")
  func timeCountedFrom() throws {
    let step = 1.0 / 120
    let stimulus = try smallStimulus(changes: ["t_bins": times([5, 5 + step, 5 + 2 * step, 6, 6 + step, 6 + 2 * step])])
    let clock = try stimulus.clock()
    #expect(abs(clock.rateHz - 120) < 1e-9)
    #expect(clock.stretches == [0, 0, 0, 1, 1, 1] && clock.gapCount == 0)
    #expect(clock.trialStarts == [0, 3])
    #expect(clock.trialTimes.count == 6)
    #expect(zip(clock.trialTimes, [0, step, 2 * step, 0, step, 2 * step]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("Without times frames follow each other at the recording's rate")
  func timesFramesFollow() throws {
    let clock = try smallStimulus().clock()
    #expect(clock.rateHz == 120 && abs(clock.trialTimes[5] - 2.0 / 120) < 1e-12)
    let blind = try smallStimulus(changes: ["trial_inds": nil]).clock()
    #expect(blind.trials == nil && blind.trialStarts == [0] && blind.stretches == [0, 0, 0, 0, 0, 0])
  }

  @Test("A gap within a trial begins a new stretch")
  func gapWithinTrial() throws {
    let step = 1.0 / 120
    let stimulus = try smallStimulus(changes: ["t_bins": times([0, step, 1, 2, 2 + step, 2 + 2 * step])])
    let clock = try stimulus.clock()
    #expect(clock.stretches == [0, 0, 1, 2, 2, 2] && clock.gapCount == 1)
  }

  @Test("Times that contradict the rate, or do not rise, are refused")
  func timesContradictRate() throws {
    // Milliseconds taken for seconds.
    let slow = try smallStimulus(changes: ["t_bins": times([0, 8.3, 16.7, 25, 33.3, 41.7])])
    #expect(#expect(throws: Failure.self) { try slow.clock() }?.kind == .mismatch)
    let still = try smallStimulus(changes: ["t_bins": times([1, 1, 1, 1, 1, 1])])
    #expect(#expect(throws: Failure.self) { try still.clock() }?.kind == .format)
  }
}
