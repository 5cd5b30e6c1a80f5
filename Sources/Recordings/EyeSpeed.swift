import Base
import Formats
import Foundation

extension Stimulus {
  /// How fast the eye moves at each frame, from the recorded gaze (`eyepos`).
  ///
  /// Formula: `|p[t + 1] - p[t - 1]| rate / 2`; with a single neighbour, the difference to it. Neighbours are
  /// consecutive frames of the same trial whose gaze is valid (`dpi_valid`) and finite.
  /// Shapes: `[time]`, from `eyepos` `[time, 2]`.
  /// Units: deg/s, of a gaze in degrees.
  /// Undefined: NaN for a frame without valid gaze or without such a neighbour.
  /// Source: VisionCore's `get_spike_triggered_sums`. There the evaluated frames count as neighbours, so that speeds
  /// are also measured across gaps and between trials.
  ///
  /// - Throws: `Failure(.missing)` where the recording has no `eyepos`; as `gaze`.
  public func eyeSpeeds() throws -> [Double] {
    let gaze = try gaze()
    var speeds = [Double](repeating: .nan, count: frameCount)
    for run in gaze.runs where run.count > 1 {
      for frame in run {
        let before = max(run.lowerBound, frame - 1)
        let after = min(run.upperBound - 1, frame + 1)
        let distance = hypot(gaze.x[after] - gaze.x[before], gaze.y[after] - gaze.y[before])
        speeds[frame] = distance * gaze.clock.rateHz / Double(after - before)
      }
    }
    return speeds
  }
}
