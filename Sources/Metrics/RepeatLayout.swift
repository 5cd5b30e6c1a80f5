import Base

/// The trial and the time bin within the trial of each row of predictions.
public struct RepeatLayout: Sendable {
  public let trialCount: Int
  public let binCount: Int
  /// For each row: trial times `binCount` plus time bin; nil for a row outside of repeated trials.
  let positions: [Int?]

  /// What a user should know about the trials; nil where there is nothing.
  public let note: String?

  /// Passes (`TrialPasses`) and time bins that some row has, ascending. Where the trials are not known, a new one begins wherever
  /// the time bin does not increase.
  ///
  /// - Throws: `Undefined.noRepeats` where the predictions have no positions within trials.
  public init(_ predictions: Predictions) throws(Undefined) {
    guard let bins = predictions.trialBins, let passes = TrialPasses(predictions) else { throw .noRepeats }
    let binIndex = Self.ranks(bins, where: bins.map { $0 >= 0 })
    trialCount = passes.count
    binCount = binIndex.count
    note = passes.note
    guard trialCount > 0 else { throw .noRepeats }
    let count = binCount
    positions = bins.indices.map { row in
      guard let pass = passes.ofRow[row], let bin = binIndex[bins[row]] else { return nil }
      return pass * count + bin
    }
  }

  private static func ranks(_ values: [Int], where isRepeat: [Bool]) -> [Int: Int] {
    let kept = Set(zip(values, isRepeat).filter { $1 }.map { $0.0 }).sorted()
    return Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
  }

  /// The repeats of cell `cell` (an index, not a cid). Where several rows have the same pass and time bin, the first valid one
  /// is used.
  public func repeats(of predictions: Predictions, cell: Int, options: Repeats.Options = .init()) throws -> Repeats {
    let size = trialCount * binCount
    var rates = [Double](repeating: 0, count: size)
    var counts = rates
    var isValid = [Bool](repeating: false, count: size)
    let series = MaskedSeries(predictions, cell: cell)
    for (row, position) in positions.enumerated() {
      guard let position, series.mask[row] > 0, !isValid[position] else { continue }
      isValid[position] = true
      rates[position] = Double(series.rates[row])
      counts[position] = Double(series.counts[row])
    }
    return try Repeats(rates: rates, counts: counts, isValid: isValid, trialCount: trialCount, options: options)
  }
}
