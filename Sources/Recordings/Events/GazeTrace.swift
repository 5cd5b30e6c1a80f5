import Base
import Formats

/// The eye position in each frame.
///
/// - Shapes: `x`, `y` `[time]`
/// - Units: degrees of visual angle
public struct GazeTrace: Sendable, Equatable {
  public let x: [Double]
  public let y: [Double]
  /// Runs of consecutive frames that all have a valid eye position, ascending.
  public let runs: [Range<Int>]
  public let clock: FrameClock
  /// The number of frames without a valid eye position.
  public let invalidCount: Int

  /// - Parameter isValid: `[time]`. Positions that are not finite are invalid in any case.
  /// - Precondition: all have an entry for each frame of the clock.
  public init(x: [Double], y: [Double], isValid: [Bool]? = nil, clock: FrameClock) {
    precondition(x.count == clock.times.count && y.count == x.count && isValid.map { $0.count == x.count } ?? true)
    self.x = x
    self.y = y
    self.clock = clock
    var runs: [Range<Int>] = []
    var invalid = 0
    for frame in x.indices {
      guard isValid?[frame] ?? true, x[frame].isFinite, y[frame].isFinite else {
        invalid += 1
        continue
      }
      if let last = runs.last, last.upperBound == frame, clock.stretches[frame] == clock.stretches[frame - 1] {
        runs[runs.count - 1] = last.lowerBound..<frame + 1
      } else {
        runs.append(frame..<frame + 1)
      }
    }
    self.runs = runs
    invalidCount = invalid
  }
}

extension Stimulus {
  /// The eye position of the file (`eyepos`), without the YAML's transforms. Frames without valid gaze (`dpi_valid`)
  /// are invalid.
  ///
  /// - Throws: `Failure(.missing)` where the recording has no eye positions, `.mismatch` for arrays of another shape;
  ///   as `clock`.
  public func gaze() throws -> GazeTrace {
    guard let info = source.info("eyepos") else {
      throw Failure(
        .missing, "\(label): there is no `eyepos`, so the eye position is unknown",
        hint: "its covariates are \(source.arrayNames.joined(separator: ", "))")
    }
    guard info.shape == [frameCount, 2] else {
      throw Failure(.mismatch, "\(label): `eyepos` has shape \(info.shape) for \(frameCount) frames of x and y")
    }
    let positions = try source.doubles("eyepos")
    let gaze = source.info("dpi_valid") == nil ? nil : try source.doubles("dpi_valid")
    if let gaze, gaze.count != frameCount {
      throw Failure(.mismatch, "\(label): `dpi_valid` has \(gaze.count) entries for \(frameCount) frames")
    }
    return GazeTrace(
      x: (0..<frameCount).map { positions[2 * $0] }, y: (0..<frameCount).map { positions[2 * $0 + 1] },
      isValid: gaze.map { $0.map { $0 > 0 } }, clock: try clock())
  }
}
