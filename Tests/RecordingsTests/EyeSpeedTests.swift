import Base
import Recordings
import Testing

/// Six frames in two trials of three at 120 Hz.
struct EyeSpeedTests {
  private func gaze(_ points: [(Double, Double)]) -> MemorySource.Array {
    MemorySource.Array(shape: [points.count, 2], scalar: .float32, values: points.flatMap { [$0.0, $0.1] })
  }

  @Test("Speed is from the frame before to the frame after, and at a trial's ends to the only neighbour")
  func speedHalfWay() throws {
    let stimulus = try smallStimulus(changes: [
      "eyepos": gaze([(0, 0), (0.3, 0.4), (0.3, 0.4), (9, 9), (9, 9), (9, 9.1)])
    ])
    let speeds = try stimulus.eyeSpeeds()
    // The jump from frame 2 to frame 3 lies between two trials.
    #expect(speeds.count == 6)
    for (speed, expected) in zip(speeds, [60.0, 30, 0, 0, 6, 12]) { #expect(abs(speed - expected) < 1e-9) }
  }

  @Test("A frame without valid gaze has no speed and is no neighbour of others")
  func frameValidGaze() throws {
    let still = gaze([(0, 0), (50, 0), (0, 0), (0, 0), (.nan, 0), (1, 0)])
    let valid = MemorySource.Array(shape: [6], scalar: .float32, values: [1, 0, 1, 1, 1, 1])
    let speeds = try smallStimulus(changes: ["eyepos": still, "dpi_valid": valid]).eyeSpeeds()
    #expect(speeds.map { $0.isNaN } == [true, true, true, true, true, true])
    let joined = try smallStimulus(changes: ["eyepos": still, "dpi_valid": valid, "trial_inds": nil]).eyeSpeeds()
    #expect(joined.map { $0.isNaN } == [true, true, false, false, true, true])
  }

  @Test("A recording without gaze of x and y is refused")
  func recordingGazeSays() throws {
    let failure = #expect(throws: Failure.self) { try smallStimulus().eyeSpeeds() }
    #expect(failure?.message == "Rec/gaborium: there is no `eyepos`, so the eye position is unknown")
    let flat = MemorySource.Array(shape: [6], scalar: .float32, values: [0, 0, 0, 0, 0, 0])
    let shape = #expect(throws: Failure.self) { try smallStimulus(changes: ["eyepos": flat]).eyeSpeeds() }
    #expect(shape?.message == "Rec/gaborium: `eyepos` has shape [6] for 6 frames of x and y")
  }
}
