import Foundation

/// How the learning rate goes on from epoch to epoch.
///
/// Source: VisionCore's schedules (SEMANTICS 22, training/). Rates do not change within an epoch.
public enum LearningRateSchedule: Sendable, Equatable {
  /// The base rate throughout.
  case constant
  /// A linear rise from `start` over the first `warmUp` epochs, then half a cosine from the base rate to `floor`, which it
  /// reaches at `epochs`; beyond, the cosine goes on.
  case cosine(warmUp: Int, epochs: Int, start: Double = 0, floor: Double = 0)
  /// The same rise, then a cosine that begins again every `period` epochs.
  case restarts(warmUp: Int, period: Int, start: Double = 0, floor: Double = 0)

  /// The learning rate of a group in an epoch, from 0.
  ///
  /// - Parameter base: the group's full rate.
  public func rate(base: Double, epoch: Int) -> Double {
    switch self {
    case .constant: return base
    case .cosine(let warmUp, let epochs, let start, let floor):
      if epoch < warmUp { return start + (base - start) * Double(epoch) / Double(warmUp) }
      guard epochs > warmUp else { return base }
      return Self.cosine(base, floor, progress: Double(epoch - warmUp) / Double(epochs - warmUp))
    case .restarts(let warmUp, let period, let start, let floor):
      if epoch < warmUp { return start + (base - start) * Double(epoch) / Double(warmUp) }
      guard period > 0 else { return base }
      return Self.cosine(base, floor, progress: Double((epoch - warmUp) % period) / Double(period))
    }
  }

  private static func cosine(_ base: Double, _ floor: Double, progress: Double) -> Double {
    floor + (base - floor) * (1 + cos(.pi * progress)) / 2
  }
}
