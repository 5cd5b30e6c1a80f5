import Base
import Formats

/// Bins whose last `n_lags` frames (with their own) are in one trial and have a valid eye position.
///
/// A frame is good where it is not the first of its trial and `dpi_valid` is above 0.
/// Source: VisionCore's `valid_nlags` (SEMANTICS 14)
package struct ValidLags: DataFilter {
  package static let name = "valid_nlags"

  private let lagCount: Int
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow(["n_lags"])
    place = step.place
    lagCount = try step.integer("n_lags") ?? 1
    guard lagCount >= 1 else { throw Failure(.format, "\(place).n_lags: at least 1 is expected, not \(lagCount)") }
  }

  package func mask(_ source: any ArraySource, frameCount: Int) throws -> Tensor {
    let trials = try perFrame("trial_inds", of: source, frameCount: frameCount, place: place)
    let eyeValid = try perFrame("dpi_valid", of: source, frameCount: frameCount, place: place)
    var mask = Tensor(zeros: [frameCount, 1])
    var run = 0
    // As in VisionCore, the trial before the first frame has the number -1.
    var previous = -1.0
    for frame in 0..<frameCount {
      run = trials[frame] == previous && eyeValid[frame] > 0 ? run + 1 : 0
      previous = trials[frame]
      if run >= lagCount { mask.values[frame] = 1 }
    }
    return mask
  }
}
