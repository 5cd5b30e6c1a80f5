import Base
import Foundation

/// Finds saccades by their velocity, relative to a median-based scale that saccades hardly change.
///
/// The velocity of frame t is, at f frames a second, f (x[t+2] + x[t+1] - x[t-1] - x[t-2]) / 6, or with three samples
/// f (x[t+1] - x[t-1]) / 2. Its scale on each axis is sigma = sqrt(median(v²) - median(v)²); where more than half of
/// the velocities are 0 the standard deviation stands for it. A frame is fast where (v_x / lambda sigma_x)² + (v_y /
/// lambda sigma_y)² > 1. A run of fast frames is a saccade where it is long enough; saccades closer to each other than
/// the minimum gap are one.
///
/// Velocities exist only inside of unbroken runs of valid eye positions. Runs of fast frames that reach the end of such
/// a run are left out.
///
/// - Undefined: a scale of fewer than `leastVelocities` velocities, or of an eye that never moves.
/// - Source: Engbert & Kliegl 2003, Vision Research 43:1035, and the fallback of their toolbox (Engbert & Mergenthaler
///   2006)
public struct SaccadeDetector: Sendable, Equatable {
  /// The part of the recording that shares one scale.
  public enum Scale: String, Sendable, CaseIterable {
    case recording, trial
  }

  /// The threshold, as a multiple of the scale.
  public var lambda: Double
  /// The number of frames from which a velocity is computed: 5 or 3.
  public var velocitySamples: Int
  /// Ignore shorter saccades. Rounded up to whole frames.
  public var minimumSeconds: Double
  /// Saccades with a shorter slow time between them are joined.
  public var minimumGapSeconds: Double
  public var scale: Scale

  /// The number of velocities that a scale needs at least.
  public static let leastVelocities = 20
  /// Below this rate five samples would take longer than a small saccade.
  private static let fineRateHz = 200.0

  /// - Parameter velocitySamples: 5 from 200 frames a second on, else 3, where nil.
  public init(
    rateHz: Double, lambda: Double = 6, velocitySamples: Int? = nil, minimumSeconds: Double = 0.012,
    minimumGapSeconds: Double = 0.02, scale: Scale = .recording
  ) {
    self.lambda = lambda
    self.velocitySamples = velocitySamples ?? (rateHz >= Self.fineRateHz ? 5 : 3)
    self.minimumSeconds = minimumSeconds
    self.minimumGapSeconds = minimumGapSeconds
    self.scale = scale
  }

  /// The number of fast frames that a saccade needs at least.
  public func minimumFrames(rateHz: Double) -> Int {
    Int(max(1, min((minimumSeconds * rateHz - 1e-6).rounded(.up), 1e9)))
  }

  /// - Throws: `Failure(.undefined)` where the recording as a whole has no scale.
  public func detect(in gaze: GazeTrace, label: String) throws -> SaccadeDetection {
    let velocities = velocities(of: gaze)
    var detection = SaccadeDetection()
    detection.frameCount = velocities.reduce(0) { $0 + $1.x.count }
    switch scale {
    case .recording:
      guard detection.frameCount >= Self.leastVelocities else {
        throw Failure(
          .undefined, "\(label): only \(detection.frameCount) frames have an eye velocity, too few to detect saccades",
          hint: "\(gaze.invalidCount) of \(gaze.x.count) frames have no valid eye position")
      }
      guard let radius = radius(of: velocities) else {
        throw Failure(.undefined, "\(label): the eye position never changes, so there are no saccades to detect")
      }
      detection.threshold = radius
      for run in velocities { add(run, radius, gaze, to: &detection) }
    case .trial:
      var start = 0
      while start < velocities.count {
        func trial(_ run: Velocities) -> Int { gaze.clock.trials?[run.first] ?? 0 }
        var end = start
        while end < velocities.count, trial(velocities[end]) == trial(velocities[start]) { end += 1 }
        let runs = Array(velocities[start..<end])
        if runs.reduce(0, { $0 + $1.x.count }) >= Self.leastVelocities, let radius = radius(of: runs) {
          for run in runs { add(run, radius, gaze, to: &detection) }
        } else {
          detection.unscaledTrials += 1
        }
        start = end
      }
    }
    return detection
  }

  /// Velocities of consecutive frames from `first`.
  private struct Velocities {
    var first: Int
    var x: [Double]
    var y: [Double]
  }

  private func velocities(of gaze: GazeTrace) -> [Velocities] {
    let reach = velocitySamples == 5 ? 2 : 1
    let rate = gaze.clock.rateHz
    func velocity(_ z: [Double], _ t: Int) -> Double {
      reach == 2 ? (z[t + 2] + z[t + 1] - z[t - 1] - z[t - 2]) * rate / 6 : (z[t + 1] - z[t - 1]) * rate / 2
    }
    return gaze.runs.compactMap { run in
      guard run.count > 2 * reach else { return nil }
      let frames = run.lowerBound + reach..<run.upperBound - reach
      return Velocities(
        first: frames.lowerBound, x: frames.map { velocity(gaze.x, $0) }, y: frames.map { velocity(gaze.y, $0) })
    }
  }

  /// The ellipse outside of which a velocity is fast. An axis that does not vary is ignored; nil where neither axis
  /// varies.
  private func radius(of runs: [Velocities]) -> (x: Double, y: Double)? {
    let x = lambda * Self.scale(runs.flatMap(\.x))
    let y = lambda * Self.scale(runs.flatMap(\.y))
    return x > 0 || y > 0 ? (x > 0 ? x : .infinity, y > 0 ? y : .infinity) : nil
  }

  /// sqrt(median(v²) - median(v)²), or the standard deviation where that is 0.
  private static func scale(_ values: [Double]) -> Double {
    let middle = Quantile.median(values) ?? 0
    let robust = (Quantile.median(values.map { $0 * $0 }) ?? 0) - middle * middle
    if robust > negligible { return robust.squareRoot() }
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))
    return variance > negligible ? variance.squareRoot() : 0
  }

  /// Squared velocities up to this are rounding errors of an eye that does not move.
  private static let negligible = 1e-12

  private func add(
    _ run: Velocities, _ radius: (x: Double, y: Double), _ gaze: GazeTrace, to detection: inout SaccadeDetection
  ) {
    func isFast(_ place: Int) -> Bool {
      let (x, y) = (run.x[place] / radius.x, run.y[place] / radius.y)
      return x * x + y * y > 1
    }
    let least = minimumFrames(rateHz: gaze.clock.rateHz)
    var found: [Range<Int>] = []
    var place = 0
    while place < run.x.count {
      guard isFast(place) else {
        place += 1
        continue
      }
      let start = place
      while place < run.x.count, isFast(place) { place += 1 }
      if start == 0 || place == run.x.count {
        detection.cutCount += 1
      } else if place - start < least {
        detection.shortCount += 1
      } else if let last = found.last, isNear(last.upperBound - 1, start, gaze.clock.rateHz) {
        found[found.count - 1] = last.lowerBound..<place
        detection.mergedCount += 1
      } else {
        found.append(start..<place)
      }
    }
    for places in found {
      let (onset, offset) = (run.first + places.lowerBound, run.first + places.upperBound - 1)
      let (dx, dy) = (gaze.x[offset] - gaze.x[onset], gaze.y[offset] - gaze.y[onset])
      detection.saccades.append(
        Saccade(
          onset: onset, offset: offset, amplitude: hypot(dx, dy), direction: atan2(dy, dx) * 180 / .pi,
          peakSpeed: places.map { hypot(run.x[$0], run.y[$0]) }.max() ?? 0))
    }
  }

  /// Whether the time from the end of one saccade to the beginning of the next is below the minimum gap.
  private func isNear(_ end: Int, _ start: Int, _ rateHz: Double) -> Bool {
    Double(start - end) / rateHz < minimumGapSeconds - 1e-9
  }
}
