import Base
import Formats

extension Stimulus {
  /// How fast the eye moves at each frame, from the recorded gaze (`eyepos`).
  ///
  /// Formula: `|p[t + 1] - p[t - 1]| rate / 2`; where only one neighbour is there, the difference to it. Neighbours lie in
  /// the same trial, their gaze is valid (`dpi_valid`) and finite.
  /// Shapes: `[time]`, from `eyepos` `[time, 2]`.
  /// Units: deg/s, of a gaze in degrees.
  /// Undefined: NaN for a frame without valid gaze or without such a neighbour.
  /// Source: VisionCore's `get_spike_triggered_sums`, which takes the evaluated frames for neighbours of each other, so that
  /// it also measures across the gaps between them and between trials.
  ///
  /// - Throws: `Failure(.missing)` where the recording has no `eyepos`; as `trialIDs`.
  public func eyeSpeeds() throws -> [Double] {
    guard let info = source.info("eyepos") else {
      throw Failure(.missing, "\(label): no `eyepos` in \(source.origin), so nothing tells how fast the eye moves")
    }
    guard info.shape == [frameCount, 2] else {
      throw Failure(.mismatch, "\(label): `eyepos` has shape \(info.shape), [\(frameCount), 2] is expected")
    }
    let gaze = try source.doubles("eyepos")
    let trials = hasTrials ? try trialIDs() : nil
    let valid = source.info("dpi_valid") == nil ? nil : try source.doubles("dpi_valid")
    if let valid, valid.count != frameCount {
      throw Failure(.mismatch, "\(label): `dpi_valid` has \(valid.count) entries for \(frameCount) frames")
    }
    let isKnown = (0..<frameCount).map { frame in
      (valid.map { $0[frame] > 0 } ?? true) && gaze[2 * frame].isFinite && gaze[2 * frame + 1].isFinite
    }
    func isNeighbour(_ other: Int, of frame: Int) -> Bool {
      (0..<frameCount).contains(other) && isKnown[other] && (trials.map { $0[other] == $0[frame] } ?? true)
    }
    return (0..<frameCount).map { frame in
      guard isKnown[frame] else { return .nan }
      let before = isNeighbour(frame - 1, of: frame) ? frame - 1 : frame
      let after = isNeighbour(frame + 1, of: frame) ? frame + 1 : frame
      guard after > before else { return .nan }
      let x = gaze[2 * after] - gaze[2 * before]
      let y = gaze[2 * after + 1] - gaze[2 * before + 1]
      return (x * x + y * y).squareRoot() * rateHz / Double(after - before)
    }
  }
}
