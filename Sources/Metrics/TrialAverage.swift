import Base

/// Mean response and mean prediction of one cell in each time bin of a repeated trial.
///
/// Shapes: all arrays are `[time]`, with one entry for each time bin that some trial has, ascending.
/// Units: counts per bin.
/// Undefined: the means of a time bin without valid responses.
public struct TrialAverage: Sendable, Equatable {
  /// Time bin within the trial.
  public var bins: [Int]
  public var observed: [Double?]
  public var predicted: [Double?]
  /// Number of valid trials in each time bin.
  public var trialCounts: [Int]

  /// Cell `cell` (an index, not a cid) of `predictions`.
  ///
  /// - Throws: `Failure(.undefined)` where the predictions have no positions within trials.
  public init(_ predictions: Predictions, cell: Int) throws {
    guard let trialBins = predictions.trialBins else {
      throw Failure(
        .undefined, "the stimulus does not repeat, so cell \(predictions.cids[cell]) has no trial average",
        hint: "repeated trials need the covariate `psth_inds`")
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
