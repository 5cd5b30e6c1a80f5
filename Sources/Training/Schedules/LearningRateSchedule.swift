import Foundation

/// How the learning rate changes over epochs.
///
/// Source: VisionCore's schedules (SEMANTICS 22, training/). Rates do not change within an epoch.
public enum LearningRateSchedule: Sendable, Equatable {
  /// The base rate throughout.
  case constant
  /// Times `factor` after every `every` epochs: torch's StepLR.
  case steps(every: Int, factor: Double)
  /// Times `factor` each time that the held-out loss has not improved by a share of 1e-4 for more than `patience`
  /// validations: torch's ReduceLROnPlateau.
  case plateau(patience: Int, factor: Double)
  /// A linear rise from `start` over the first `warmUp` epochs, then half a cosine from the base rate to `floor`, which it
  /// reaches at `epochs`; beyond, the cosine goes on.
  case cosine(warmUp: Int, epochs: Int, start: Double = 0, floor: Double = 0)
  /// The same rise, then a cosine that begins again every `period` epochs.
  case restarts(warmUp: Int, period: Int, start: Double = 0, floor: Double = 0)

  /// The learning rate of a group in an epoch, from 0.
  ///
  /// - Parameters:
  ///   - base: the group's full rate.
  ///   - heldOutLosses: mean held-out losses of the epochs before, in their order; nil for one that is undefined. Only a
  ///     plateau reads them.
  public func rate(base: Double, epoch: Int, heldOutLosses: [Double?] = []) -> Double {
    switch self {
    case .constant: return base
    case .steps(let every, let factor): return base * pow(factor, Double(epoch / max(1, every)))
    case .plateau(let patience, let factor):
      return Self.plateau(base, patience: patience, factor: factor, losses: heldOutLosses)
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

  /// Share by which a loss must fall below the best one to count as better.
  private static let threshold = 1e-4
  /// Smaller changes of the rate are not made.
  private static let smallestChange = 1e-8

  private static func plateau(_ base: Double, patience: Int, factor: Double, losses: [Double?]) -> Double {
    var (rate, best, bad) = (base, Double.infinity, 0)
    for loss in losses {
      if let loss, loss < best * (1 - threshold) || best == .infinity && loss.isFinite {
        (best, bad) = (loss, 0)
      } else {
        bad += 1
      }
      guard bad > patience else { continue }
      if rate - rate * factor > smallestChange { rate *= factor }
      bad = 0
    }
    return rate
  }
}
