import Base
import Formats
import RunLogs

/// A term of a model's `regularization:` that keeps values between limits after every step of the optimiser.
///
/// Source: VisionCore's proximal steps (SEMANTICS 16 and 22).
struct ClampTerm {
  typealias Limits = (lower: Double, upper: Double)
  private enum Kind { case magnitude, positive, fromBelow }

  let name: String
  /// Pieces between `/` that names of parameters have.
  let patterns: [String]
  /// The limit after the schedule.
  let weight: Double
  private let kind: Kind
  /// A limit that moves in a straight line to `weight`: where it starts, and its first and last epoch.
  private let decay: (weight: Double, start: Double, end: Double)?

  /// Nil for another term, and for one without a number.
  init?(_ term: ConfigNode) {
    guard let type = term["type"]?.stringValue, let weight = term["lambda"]?.doubleValue, weight.isFinite else {
      return nil
    }
    switch type {
    case "proximal_clamp": kind = .magnitude
    case "proximal_clamp_positive": kind = .positive
    case "proximal_clamp_min": kind = .fromBelow
    default: return nil
    }
    name = term["name"]?.stringValue ?? type
    self.weight = weight
    patterns = (term["apply_to"]?.listValue ?? []).compactMap(\.stringValue)
    let schedule = term["schedule"] ?? term["scheduler"]
    decay = schedule?["start_lambda"]?.doubleValue.flatMap { first in
      guard first.isFinite else { return nil }
      let start = schedule?["start_epoch"]?.doubleValue ?? 0
      return (first, start, schedule?["end_epoch"]?.doubleValue ?? start)
    }
  }

  static func all(of checkpoint: Checkpoint) -> [ClampTerm] {
    (checkpoint.configuration?["regularization"]?.listValue ?? []).compactMap(ClampTerm.init)
  }

  func applies(to name: String) -> Bool {
    patterns.contains { pattern in pattern.split(separator: "/").allSatisfy { ByteSearch.isFound(String($0), in: name) }
    }
  }

  /// What no value passes in any epoch: while a schedule decays its limit is the looser one.
  var widest: Limits {
    let first = decay?.weight ?? weight
    return limits(kind == .fromBelow ? min(weight, first) : max(weight, first))
  }

  /// The limits in an epoch, from 0; nil: after the schedule.
  func limits(in epoch: Int?) -> Limits {
    guard let decay, let epoch, Double(epoch) < decay.end else { return limits(weight) }
    let share = max(0, (Double(epoch) - decay.start) / (decay.end - decay.start))
    return limits(share.isFinite ? decay.weight + (weight - decay.weight) * share : weight)
  }

  private func limits(_ weight: Double) -> Limits {
    switch kind {
    case .magnitude: (-weight, weight)
    case .positive: (0, weight)
    case .fromBelow: (weight, .infinity)
    }
  }
}
