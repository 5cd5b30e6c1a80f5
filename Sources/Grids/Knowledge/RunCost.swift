import Base
import Foundation
import Metrics

/// How long a run will take, from runs that are known.
///
/// The runs that agree with it on the most axes are taken, at least `enough` of them; those that record no axis may be of
/// quite another experiment, and tell nothing. The hours of a run scale with its
/// epochs where both are known. Hours are treated as log-normal: `hours` is the geometric mean, the interval is where the
/// next run falls with probability `probability` (Student's t with n - 1 degrees of freedom and the factor sqrt(1 + 1/n)).
public struct RunCost: Sendable, Equatable {
  /// Units: hours.
  public var hours: Double?
  public var low: Double?
  public var high: Double?
  /// What it rests on, or why there is no number.
  public var basis: String

  package static let probability = 0.9
  /// Fewer runs tell too little about the spread: others that are less alike come in.
  static let enough = 3

  init(_ run: RunSettings, from known: [KnownRun]) {
    let timed = known.compactMap { known -> (run: KnownRun, hours: Double)? in
      guard known.hasFinished != false, let hours = known.hours, hours > 0, hours.isFinite else { return nil }
      guard let planned = run.epochs, let epochs = known.epochs, epochs > 0, planned > 0 else { return (known, hours) }
      return (known, hours * Double(planned) / Double(epochs))
    }
    let axes = run.axes.count { $0.path != "seed" }
    let related = timed.map { (agreement: Agreement(run.agreement(with: $0.run)), timed: $0) }
      .filter { axes == 0 || $0.agreement.isRecorded }
    guard !related.isEmpty else {
      (hours, low, high) = (nil, nil, nil)
      basis =
        known.isEmpty
        ? "no run is known"
        : timed.isEmpty
          ? "no known run has finished and records its hours" : "no known run with its hours records these settings"
      return
    }
    var chosen: [Double] = []
    var agreements: [Int] = []
    let ranked = Dictionary(grouping: related, by: \.agreement).mapValues { $0.map(\.timed) }
    for (agreement, tier) in ranked.sorted(by: { $0.key < $1.key }) where chosen.count < Self.enough {
      chosen += tier.map { log($0.hours) }
      agreements += tier.map { _ in agreement.same }
    }
    let count = Double(chosen.count)
    let mean = chosen.reduce(0, +) / count
    hours = exp(mean)
    let (least, most) = (agreements.min() ?? 0, agreements.max() ?? 0)
    let shared = least == axes ? "all" : least == most ? "\(least) of \(axes)" : "\(least) to \(most) of \(axes)"
    basis = "\(chosen.count) \(chosen.count == 1 ? "run" : "runs") with \(shared) settings"
    guard chosen.count > 1 else {
      basis += ": one gives no interval"
      return
    }
    let variance = chosen.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let half =
      StudentT.value(exceededWith: 1 - Self.probability, freedom: count - 1) * (variance * (1 + 1 / count)).squareRoot()
    (low, high) = (exp(mean - half), exp(mean + half))
  }
}

/// How alike a known run is; the most alike come first.
private struct Agreement: Hashable, Comparable {
  /// Axes with the same level, and axes with another one.
  let same: Int
  private let other: Int

  init(_ counts: (same: Int, other: Int)) { (same, other) = (counts.same, counts.other) }

  /// Whether it records any of the axes.
  var isRecorded: Bool { same + other > 0 }

  static func < (a: Agreement, b: Agreement) -> Bool {
    a.same == b.same ? a.other < b.other : a.same > b.same
  }
}
