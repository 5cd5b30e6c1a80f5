import Base

/// The penalty on the feature weights that predicts best what it was not fitted to, judged on training rows alone.
///
/// The training rows are split into two halves (`HeldOutSplit`). For each candidate the readouts of all cells are fitted to one half
/// and scored on the other, both ways; the candidate with the lowest mean loss wins, the larger one where two are equal. The
/// held-out trials play no part, so that scores on them stay held-out scores.
public struct PenaltyChoice: Sendable, Equatable {
  public struct Candidate: Sendable, Equatable {
    public var l2: Double
    /// Loss on the other half, nats per bin, averaged over halves and cells that have one with every candidate; nil where none
    /// has.
    public var nll: Double?
  }

  /// In the order in which they were given.
  public let candidates: [Candidate]
  /// Nil where no candidate has a loss.
  public let best: Double?

  /// - Parameters:
  ///   - penalties: the candidates.
  ///   - trainRows: rows of `features`, ascending in time.
  ///   - frames, trials: of each of `trainRows`; trials are nil where they are not known.
  /// - Throws: as `ReadoutRefit.fit`.
  package init(
    among penalties: [Double], features: any FeatureSource, counts: Tensor, mask: Tensor, trainRows: [Int],
    frames: [Int], trials: [Int]?, rateHz: Double, options: ReadoutRefitOptions = ReadoutRefitOptions(),
    model: ReadoutModel = ReadoutModel(), work: Work = .silent
  ) throws {
    let split = Self.split(counts: counts, trainRows: trainRows, frames: frames, trials: trials, rateHz: rateHz)
    guard split.isPossible else {
      candidates = penalties.map { Candidate(l2: $0, nll: nil) }
      best = nil
      return
    }
    var losses: [[Double?]] = []
    for penalty in penalties {
      var options = options
      options.l2 = penalty
      var found: [Double?] = []
      for half in [0, 1] as [UInt8] {
        let places = trainRows.indices
        let readouts = try ReadoutRefit.fit(
          features: features, counts: counts, mask: mask,
          trainRows: places.filter { split.halves[$0] == half && split.isFitted[$0] }.map { trainRows[$0] },
          valRows: places.filter { split.halves[$0] != half }.map { trainRows[$0] }, options: options, model: model,
          work: work)
        found += readouts.map(\.nllVal)
      }
      losses.append(found)
    }
    let common = (losses.first ?? []).indices.filter { place in losses.allSatisfy { $0[place]?.isFinite ?? false } }
    let made = zip(penalties, losses).map { penalty, losses in
      Candidate(
        l2: penalty,
        nll: common.isEmpty ? nil : common.reduce(0) { $0 + (losses[$1] ?? 0) } / Double(common.count))
    }
    candidates = made
    best =
      made.filter { $0.nll != nil }
      .min { ($0.nll ?? 0, -$0.l2) < ($1.nll ?? 0, -$1.l2) }?.l2
  }

  /// The two halves of training rows.
  static func split(
    counts: Tensor, trainRows: [Int], frames: [Int], trials: [Int]?, rateHz: Double
  ) -> HeldOutSplit {
    let shape = [trainRows.count, counts.shape[1]]
    return HeldOutSplit(
      Predictions(
        cids: Array(0..<counts.shape[1]), frames: frames, trials: trials, rates: Tensor(zeros: shape),
        counts: counts.gathering(rows: trainRows), mask: Tensor(zeros: shape), rateHz: rateHz))
  }
}
