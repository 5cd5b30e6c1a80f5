import Base

/// How well one cell is predicted.
public struct CellScores: Sendable, Equatable {
  public var cid: CellID
  public var spikes: Score
  public var validBins: Int
  public var rateHz: Score
  public var bitsPerSpike: Score
  public var r: Score
  public var nll: Score

  public init(cid: CellID, _ sums: MaskedSums, nullMean: Double? = nil) {
    self.cid = cid
    spikes = SpikeCount.score(sums)
    validBins = sums.validBins
    rateHz = FiringRate.score(sums)
    bitsPerSpike = BitsPerSpike.score(sums, nullMean: nullMean)
    r = PearsonCorrelation.score(sums)
    nll = NegativeLogLikelihood.score(sums)
  }

  /// Scores from the sums of every cell.
  public static func of(_ sums: [MaskedSums], cids: [CellID], nullMeans: [Double]? = nil) -> [CellScores] {
    precondition(sums.count == cids.count && nullMeans.map { $0.count == cids.count } ?? true, "one null mean a cell")
    return sums.indices.map { CellScores(cid: cids[$0], sums[$0], nullMean: nullMeans?[$0]) }
  }

  /// Why some of the numbers are missing; nil where none is.
  public var reason: String? {
    var reasons: [String] = []
    for score in [spikes, rateHz, bitsPerSpike, r, nll] {
      if let reason = score.reason, !reasons.contains(reason) { reasons.append(reason) }
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: ", ")
  }

  /// The table that `eval` shows: `cid, spikes, rate_hz, bits_per_spike, r, nll, reason`.
  public static func table(_ scores: [CellScores]) -> Table {
    Table([
      Column("cid", scores.map { Optional($0.cid) }),
      spikeColumn(scores),
      Column(FiringRate.name, scores.map(\.rateHz.value), unit: FiringRate.unit),
      Column(BitsPerSpike.name, scores.map(\.bitsPerSpike.value), unit: BitsPerSpike.unit),
      Column(PearsonCorrelation.name, scores.map(\.r.value), unit: PearsonCorrelation.unit),
      Column(NegativeLogLikelihood.name, scores.map(\.nll.value), unit: NegativeLogLikelihood.unit),
      Column("reason", scores.map(\.reason)),
    ])
  }

  /// Whole numbers, unless the counts were weighted or smoothed.
  private static func spikeColumn(_ scores: [CellScores]) -> Column {
    let values = scores.map(\.spikes.value)
    let whole = values.map { $0.flatMap { Int(exactly: $0) } }
    let areWhole = zip(values, whole).allSatisfy { ($0 == nil) == ($1 == nil) }
    return areWhole ? Column(SpikeCount.name, whole) : Column(SpikeCount.name, values)
  }
}

/// Scores of every cell, in the order of the cids.
///
/// - Parameter nullMeans: constant rates, counts per bin and one a cell, that bits per spike is measured against (e.g.
///   those of the training split); the bins' own means where nil.
public func evaluate(_ predictions: Predictions, nullMeans: [Double]? = nil) -> [CellScores] {
  CellScores.of(MaskedSums.of(predictions), cids: predictions.cids, nullMeans: nullMeans)
}
