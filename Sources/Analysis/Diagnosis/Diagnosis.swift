import Base
import Fitting
import Foundation
import Metrics

/// What could explain how badly one cell is predicted: each cause with its evidence and the expected gain of its remedy.
///
/// A remedy is scored on held-out trials, to which it was not fitted. The evidence for drift, scale and latency comes from
/// all trials, the twin's training trials too: these are faults of a recording, and each trial's correction is fitted on
/// other trials.
package struct Diagnosis {
  let all: DiagnosedCells
  /// Place among the diagnosed cells.
  let place: Int
  let series: MaskedSeries
  /// Scores of the rates as predicted, on held-out trials.
  let scores: CellScores
  /// The rates with gain and offset; nil where these are undefined.
  let scale: HeldOutScale?
  let shift: LatencyShift?
  let drift: SlowGain?

  var cell: Int { all.cells[place] }
  var cid: CellID { all.predictions.cids[cell] }

  package init(_ all: DiagnosedCells, place: Int, work: Work) throws {
    self.all = all
    self.place = place
    let predictions = all.predictions.selecting(cells: [all.cells[place]])
    let series = MaskedSeries(predictions, cell: 0)
    let scale = try HeldOutScale(predictions, work: work)
    var scaled = series
    scaled.rates = scale?.rates ?? series.rates
    self.series = series
    self.scale = scale
    scores = Self.scores(series, rates: series.rates, rows: all.scoredRows, cid: predictions.cids[0])
    shift = try scale.flatMap { try LatencyShift(predictions, unshifted: $0.rates, work: work) }
    drift = scale == nil ? nil : SlowGain(scaled, trials: predictions.trials)
  }

  var causes: [Cause] {
    let drifting = drifting
    let late = late
    let masked = masked
    return Cause.compared(
      Cause.ranked([
        fewSpikes(masked), masked, notVisual, ceiling, drifting, misscaled(drifting, late), late, displaced, clamped,
        unfitted, starved,
      ]))
  }

  // MARK: Numbers

  var clearField: FieldTable.Row? {
    guard let row = all.fields?[place], row.isClear else { return nil }
    return row
  }

  /// The best correlation of held-out counts with one of the predictions tried; p is corrected for the number of predictions.
  var bestFollowed: (r: Double, p: Double)? {
    let tried = [series.rates, shift?.rates, refitted?.rates].compactMap { $0 }
    let tests = tried.compactMap { rates in
      try? PredictionLocking(
        MaskedSeries(
          rates: all.scoredRows.map { rates[$0] }, counts: all.scoredRows.map { series.counts[$0] },
          mask: all.scoredRows.map { series.mask[$0] }))
    }
    return tests.max { $0.r < $1.r }.map { ($0.r, min(1, Double(tests.count) * $0.p)) }
  }

  /// Standard errors by which the best of the predictions on scale beats the constant rate, on held-out trials.
  var surenessOverConstant: Double? {
    let constant = [Float](
      repeating: Float((scores.spikes.value ?? 0) / Double(max(1, scores.validBins))), count: series.rates.count)
    return [scale?.rates, shift?.rates, refitted?.rates].compactMap { $0 }
      .compactMap { compared($0, over: constant, rows: all.scoredRows)?.z }.max()
  }

  /// Compares on `rows`, on all of them where nil.
  ///
  /// - Parameter byPlace: whether repeats of the same frames count as one observation: where a remedy could fit the frames
  ///   that happen to be repeated.
  func compared(
    _ rates: [Float], over others: [Float], rows: [Int]? = nil, byPlace: Bool = false
  ) -> PairedLikelihood? {
    PairedLikelihood(
      rates, over: others, of: series, rows: rows ?? Array(series.rates.indices),
      places: byPlace ? all.predictions.trialBins : nil)
  }

  func bits(_ rates: [Float]) -> Double? {
    Self.scores(series, rates: rates, rows: all.scoredRows, cid: cid).bitsPerSpike.value
  }

  static func scores(_ series: MaskedSeries, rates: [Float], rows: [Int], cid: CellID) -> CellScores {
    var sums = MaskedSums(rateHz: series.rateHz)
    for row in rows { sums.add(rate: rates[row], count: series.counts[row], mask: series.mask[row]) }
    return CellScores(cid: cid, sums)
  }

  static func short(_ value: Double) -> String {
    value.isFinite ? NumberText.threeDigits(value, mostDecimals: 3) : "?"
  }

  static func signed(_ value: Double) -> String { (value >= 0 ? "+" : "") + short(value) }

}
