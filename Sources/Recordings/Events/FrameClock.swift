import Base
import Formats

/// The time of each frame, and which frames are consecutive.
///
/// - Shapes: `times`, `trials`, `stretches` `[time]`
/// - Units: seconds
public struct FrameClock: Sendable, Equatable {
  /// The recording's times (`t_bins`); without them, seconds since its first frame.
  public let times: [Double]
  /// Nil where the recording has no trials.
  public let trials: [Int]?
  /// Frames per second, from the median step of `times`.
  public let rateHz: Double
  /// The unbroken run to which each frame belongs. A run ends with its trial, and where the next frame does not follow
  /// after one usual step.
  public let stretches: [Int]
  /// Gaps in time within a trial.
  public let gapCount: Int

  /// A step outside this range, relative to the usual one, is a gap.
  private static let usualSteps = 0.5...1.5
  /// The largest relative difference between the rate of the times and that of the recording.
  private static let rateTolerance = 0.05

  /// - Parameter rateHz: the recording's rate: used without times, else compared with them.
  /// - Throws: `Failure(.format)` for times whose usual step does not rise, `.mismatch` where they run at another rate.
  public init(times: [Double]?, trials: [Int]?, frameCount: Int, rateHz: Double, label: String) throws {
    self.trials = trials
    func isNewTrial(_ frame: Int) -> Bool { trials.map { $0[frame] != $0[frame - 1] } ?? false }
    if let times {
      guard times.allSatisfy(\.isFinite) else {
        throw Failure(.format, "\(label): `t_bins` has a time that is not a number")
      }
      let steps = (1..<max(1, frameCount)).filter { !isNewTrial($0) }.map { times[$0] - times[$0 - 1] }.sorted()
      let usual = steps.isEmpty ? 1 / rateHz : steps[steps.count / 2]
      guard usual > 0 else {
        throw Failure(.format, "\(label): the times of `t_bins` do not rise within a trial")
      }
      guard abs(1 / usual - rateHz) <= Self.rateTolerance * rateHz else {
        throw Failure(
          .mismatch,
          "\(label): `t_bins` gives \(Float(1 / usual)) frames per second, but the recording has \(Float(rateHz))",
          hint: "times are in seconds; open the recording with a YAML whose `sampling` gives its rate")
      }
      self.times = times
      self.rateHz = 1 / usual
    } else {
      self.times = (0..<frameCount).map { Double($0) / rateHz }
      self.rateHz = rateHz
    }
    var stretches: [Int] = []
    stretches.reserveCapacity(frameCount)
    var gaps = 0
    for frame in 0..<frameCount {
      let isGap = frame > 0 && !Self.usualSteps.contains((self.times[frame] - self.times[frame - 1]) * self.rateHz)
      let isNew = frame > 0 && isNewTrial(frame)
      if isGap, !isNew { gaps += 1 }
      stretches.append((stretches.last ?? 0) + (isGap || isNew ? 1 : 0))
    }
    self.stretches = stretches
    gapCount = gaps
  }

  /// The first frame of each trial, ascending; frame 0 where there are no trials.
  public var trialStarts: [Int] {
    guard let trials else { return stretches.isEmpty ? [] : [0] }
    var seen: Set<Int> = []
    return trials.indices.filter { seen.insert(trials[$0]).inserted }
  }

  /// Seconds since the first frame of its trial, for each frame.
  public var trialTimes: [Double] {
    guard let trials else { return times.map { $0 - (times.first ?? 0) } }
    var starts: [Int: Double] = [:]
    for (trial, time) in zip(trials, times) where starts[trial] == nil { starts[trial] = time }
    return zip(trials, times).map { $1 - (starts[$0] ?? $1) }
  }
}

extension Stimulus {
  /// - Throws: as `FrameClock.init` and `trialIDs`.
  public func clock() throws -> FrameClock {
    let times = source.info("t_bins") == nil ? nil : try source.doubles("t_bins")
    if let times, times.count != frameCount {
      throw Failure(.mismatch, "\(label): `t_bins` has \(times.count) entries for \(frameCount) frames")
    }
    return try FrameClock(
      times: times, trials: hasTrials ? trialIDs() : nil, frameCount: frameCount, rateHz: rateHz, label: label)
  }
}
