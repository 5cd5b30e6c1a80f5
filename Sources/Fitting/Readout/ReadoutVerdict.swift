import Base

/// What a cell's readout lacks, judged on the training trials alone.
public enum ReadoutVerdict: String, Sendable, CaseIterable {
  case wellFitted = "well fitted"
  /// A smaller penalty, or a richer model of the same features, predicts trials better that were not fitted.
  case underfitted
  /// A larger penalty predicts trials better that were not fitted.
  case overfitted
  /// Neither a penalty nor a richer model predicts trials that were not fitted better than the mean rate, although there were
  /// spikes enough.
  case notVisual = "not visual"
  case tooFewData = "too few data"

  /// A gain in log-likelihood that chance seldom gives, nats: two standard errors of a gain whose variance is twice its mean.
  private static let clearGain = 8.0
  /// Share of the best gain below which another penalty makes no difference.
  private static let share = 0.1
  /// With fewer training spikes a cell of 0.1 bits/spike, of which a readout of few numbers keeps half, has no clear gain.
  static let fewestSpikes = 230.0

  /// The verdict on a cell that was fitted with `penalty`.
  ///
  /// - Parameters:
  ///   - path: cross-validated losses, `penalty` among its penalties.
  ///   - cell: position in the path.
  ///   - richer: loss of a model of the same features that needs no Gaussian place (`LinearNonlinearModel`), by the same
  ///     cross-validation, nats per bin; nil where there is none.
  /// - Undefined: nil where the cell has no losses or the penalty is not on the path; a cell with too few spikes for both
  ///   halves has too few data.
  public init?(_ path: PenaltyPath, cell: Int, penalty: Double, richer: Double? = nil) {
    let data = path.data[cell]
    guard let losses = path.losses[cell] else {
      guard data.spikes < Self.fewestSpikes else { return nil }
      self = .tooFewData
      return
    }
    guard let used = path.penalties.firstIndex(of: penalty),
      let best = losses.indices.min(by: { losses[$0] < losses[$1] })
    else { return nil }
    let gains = losses.map { (data.constantLoss - $0) * data.bins }
    let richerGain = richer.map { (data.constantLoss - $0) * data.bins } ?? 0
    guard max(gains[best], richerGain) > Self.clearGain else {
      self = data.spikes < Self.fewestSpikes ? .tooFewData : .notVisual
      return
    }
    if gains[best] - gains[used] > Self.clearGain / 2 + Self.share * gains[best] {
      self = best > used ? .overfitted : .underfitted
    } else {
      self = richerGain - gains[used] > Self.clearGain + Self.share * richerGain ? .underfitted : .wellFitted
    }
  }
}
