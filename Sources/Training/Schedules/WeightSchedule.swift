import Formats

/// How strongly a penalty acts from epoch to epoch.
///
/// Source: VisionCore's schedules of regularisation (SEMANTICS 22). Its surprises are kept: a ramp and a warm-up end after
/// `endEpoch`, and act no longer from then on.
public enum WeightSchedule: Sendable, Equatable {
  case constant
  /// Full weight from `start` to `end` inclusive; for ever where there is no end.
  case warmUp(start: Int, end: Int?)
  /// From 0 at `start` to the full weight at `end`, and 0 afterwards.
  case ramp(start: Int, end: Int)
  /// From another weight at `start` to the full one at `end`, which it keeps.
  case decay(start: Int, end: Int, from: Double?)
  /// A kind that VisionCore does not know: it never acts.
  case unknown(String)

  /// - Throws: `format` naming the entry where a number is needed and something else stands there.
  package init(_ node: ConfigNode?, at place: String) throws {
    guard let node else {
      self = .constant
      return
    }
    let entry = ConfigurationEntry(node, at: place)
    let start = try entry.integer("start_epoch") ?? 0
    let end = try entry.integer("end_epoch")
    switch try entry.text("kind") ?? "constant" {
    case "constant": self = .constant
    case "warmup": self = .warmUp(start: start, end: end)
    case "linear_ramp": self = .ramp(start: start, end: end ?? start)
    case "linear_decay": self = .decay(start: start, end: end ?? start, from: try entry.number("start_lambda"))
    case let other: self = .unknown(other)
    }
  }

  /// The weight in an epoch, from 0; 0 where the penalty does not act.
  public func weight(_ full: Double, epoch: Int) -> Double {
    switch self {
    case .constant: return full
    case .warmUp(let start, let end): return epoch >= start && epoch <= end ?? .max ? full : 0
    case .ramp(let start, let end):
      guard epoch >= start, epoch <= end else { return 0 }
      return start == end ? full : full * Double(epoch - start) / Double(end - start)
    case .decay(let start, let end, let from):
      guard epoch >= start else { return 0 }
      guard epoch < end else { return full }
      let first = from ?? full
      return first + (full - first) * Double(epoch - start) / Double(end - start)
    case .unknown: return 0
    }
  }
}
