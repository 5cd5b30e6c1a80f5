import Base

/// Mean response and mean prediction of one cell at each position within a repeated trial.
///
/// Shapes: all arrays are `[time]`, one entry for each position that some trial has, ascending.
/// Units: counts per bin.
/// Undefined: a position without a valid bin has no mean.
public struct TrialAverage: Sendable, Equatable {
  /// Position within the trial, in bins.
  public var bins: [Int]
  public var observed: [Double?]
  public var predicted: [Double?]
  /// Valid trials at each position.
  public var trialCounts: [Int]

  /// Cell `cell` (a position, not a cid) of `predictions`.
  ///
  /// - Throws: `Failure(.undefined)` where the predictions know no position within a trial.
  public init(_ predictions: Predictions, cell: Int) throws {
    guard let trialBins = predictions.trialBins else {
      throw Failure(
        .undefined, "the stimulus does not repeat: no trial average of cell \(predictions.cids[cell])",
        hint: "repeated trials carry `psth_inds`")
    }
    let series = MaskedSeries(predictions, cell: cell)
    bins = Set(trialBins).sorted()
    let places = Dictionary(uniqueKeysWithValues: bins.enumerated().map { ($1, $0) })
    var counts = [Double](repeating: 0, count: bins.count)
    var rates = counts
    trialCounts = [Int](repeating: 0, count: bins.count)
    for (row, bin) in trialBins.enumerated() where series.mask[row] > 0 {
      guard let place = places[bin] else { continue }
      counts[place] += Double(series.counts[row])
      rates[place] += Double(series.rates[row])
      trialCounts[place] += 1
    }
    observed = zip(counts, trialCounts).map { $1 > 0 ? $0 / Double($1) : nil }
    predicted = zip(rates, trialCounts).map { $1 > 0 ? $0 / Double($1) : nil }
  }
}
