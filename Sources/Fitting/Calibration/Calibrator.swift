import Base
import Foundation
import Kernels
import Metrics

/// Fits gain and offset to predictions by the Poisson likelihood, and scores them.
public enum Calibrator {
  /// Gain and offset of every cell (or one for all), and the scores before and after.
  ///
  /// The likelihood is the mean over the valid bins of `r' - y ln r'` with `r' = gain r + offset`; its optimum is taken
  /// over gain >= 0 and every offset, negative ones too, that keeps the rates of all the cell's valid bins at or above
  /// `Calibration.smallestRate`. (All valid bins also where only half of them is fitted: so the other half can be
  /// scored. The counts of the scored half play no part in the fit.) The gain modes have no offset; their optimum is
  /// the ratio of observed to predicted spikes.
  ///
  /// - Parameter inSample: fit and score on all valid bins. By default each half of the bins is scored with the numbers fitted to
  ///   the other half.
  /// - Throws: `Failure.interrupted`.
  /// - Undefined: cells without valid bins, without spikes, with a constant prediction, or with values that are not
  ///   finite or negative have a reason and no numbers; cells whose spikes or changes all lie in one half have a gain
  ///   and offset, but no held-out scores; nor has any cell where there are not two halves.
  public static func calibrate(
    _ predictions: Predictions, mode: CalibrationMode, inSample: Bool = false, work: Work = .silent
  ) throws -> Calibration {
    try calibrate(predictions, mode: mode, split: inSample ? nil : HeldOutSplit(predictions), work: work)
  }

  /// The same with given halves; fitted and scored on all valid bins where nil.
  package static func calibrate(
    _ predictions: Predictions, mode: CalibrationMode, split: HeldOutSplit?, work: Work = .silent
  ) throws -> Calibration {
    let inSample = split == nil
    let none = [UInt8](repeating: 0, count: predictions.frameCount)
    let sums = try ResponseSums(predictions, slots: split?.slots ?? none, work: work)
    let task = CalibrationTask(
      sums: sums, mode: mode, inSample: inSample, hasHalves: split?.isPossible ?? false)
    let shared = mode.isGlobal ? task.fitShared() : nil
    let rateHz = predictions.rateHz.isFinite ? predictions.rateHz : nil
    let cells = try Parallel.map(predictions.cellCount, work: work) { cell in
      var found = task.calibrate(cell, cid: predictions.cids[cell], shared: shared)
      found.rateHz = rateHz
      return found
    }
    return Calibration(
      mode: mode, heldOut: !inSample, cells: cells,
      shared: shared?.all.map { GainOffset(gain: $0.gain, offset: $0.offset) },
      bins: split?.bins(of: predictions) ?? BinHalves(predictions, halves: none.map { Int($0) }, byPlace: false),
      blockLength: split?.blockLength, isByPlace: split?.isByPlace ?? false)
  }
}

/// One calibration at work.
private struct CalibrationTask: Sendable {
  let sums: ResponseSums
  let mode: CalibrationMode
  let inSample: Bool
  /// Whether there are two halves to fit and to score.
  let hasHalves: Bool

  /// Gains, and gains with offsets, fitted to all bins and to each half; nil where not defined.
  struct Fits: Sendable {
    var all: AffineOptimum?
    var halves: [AffineOptimum?] = []
    /// Pure gains fitted to what is not scored: all bins in sample, else the other half.
    var gains: [Double?] = []
    var errors: (gain: Double, offset: Double)?
  }

  /// The fits that all cells share. Cells that can't be used (masked, not finite, negative) have no part in them.
  func fitShared() -> Fits {
    let usable = (0..<sums.cellCount).filter { cell in
      let obstacle = obstacle(cell)
      return obstacle == nil || obstacle == .noSpikes || obstacle == .constantPrediction
    }
    return fit(usable)
  }

  /// Numbers of one cell, with its own fits or the shared ones.
  func calibrate(_ cell: Int, cid: CellID, shared: Fits?) -> CellCalibration {
    var result = CellCalibration(cid: cid)
    let total = sums[cell]
    if let obstacle = obstacle(cell) {
      result.reason = obstacle.rawValue
      if obstacle == .constantPrediction { result.bitsPerSpike = rawBitsPerSpike(total) }
      return result
    }
    result.bitsPerSpike = rawBitsPerSpike(total)
    let fits = shared ?? fit([cell])
    guard let all = fits.all else {
      // Only where the shared fit has nothing to go by.
      result.reason = Undefined.constantPrediction.rawValue
      return result
    }
    result.gain = all.gain
    result.offset = all.offset
    result.gainStandardError = fits.errors?.gain
    result.offsetStandardError = mode.hasOffset ? fits.errors?.offset : nil
    result.converged = all.converged
    result.limit = all.limit

    let scored: [(entry: ResponseSums.Entry, with: AffineOptimum?, gain: Double?)] =
      inSample
      ? [(total, all, fits.gains.first ?? nil)]
      : [0, 1].map { (sums[cell, half: $0], fits.halves[1 - $0], fits.gains[1 - $0]) }
    if !inSample {
      guard hasHalves else {
        result.reason = "too few bins to hold half of them out"
        return result
      }
      let found = fits.halves.compactMap { $0 }
      guard found.count == 2 else {
        result.reason = reasonForHalves(shared == nil ? [cell] : Array(0..<sums.cellCount))
        return result
      }
      result.halves = found.map { GainOffset(gain: $0.gain, offset: $0.offset) }
      result.converged = all.converged && found.allSatisfy(\.converged)
    }

    var calibrated = 0.0
    var gained: Double? = 0
    for part in scored {
      if let fit = part.with { calibrated += logLikelihood(part.entry, gain: fit.gain, offset: fit.offset) }
      if let sum = gained, let gain = part.gain {
        gained = sum + logLikelihood(part.entry, gain: gain, offset: 0)
      } else {
        gained = nil
      }
    }
    result.bitsPerSpikeCalibrated = PoissonLikelihood.bitsPerSpike(
      calibrated, spikes: total.spikes, bins: total.bins)
    result.bitsPerSpikeGain = gained.flatMap {
      PoissonLikelihood.bitsPerSpike($0, spikes: total.spikes, bins: total.bins)
    }
    result.nllCalibrated = -calibrated / total.bins
    return result
  }

  /// Why a cell has no calibration.
  private func obstacle(_ cell: Int) -> Undefined? {
    let total = sums[cell]
    if total.bins == 0 { return .allMasked }
    if sums.hasBadCounts[cell] { return .responseNotFinite }
    if !total.isFinite { return .notFinite }
    if total.smallest < 0 { return .negativePrediction }
    if total.spikes == 0 { return .noSpikes }
    if isConstant(total) { return .constantPrediction }
    return nil
  }

  /// Rates that differ by no more than the rounding of float32.
  private func isConstant(_ entry: ResponseSums.Entry) -> Bool {
    entry.largest - entry.smallest <= 1e-6 * abs(entry.largest)
  }

  private func reasonForHalves(_ cells: [Int]) -> String {
    let lacksSpikes = [0, 1].contains { half in cells.allSatisfy { sums[$0, fittedHalf: half].spikes == 0 } }
    return lacksSpikes ? "no spikes in one half of the bins" : "constant prediction in one half of the bins"
  }

  private func fit(_ cells: [Int]) -> Fits {
    let entries = cells.map { sums[$0] }
    let smallest = entries.reduce(Double.infinity) { min($0, $1.smallest) }
    var fits = Fits()
    if inSample {
      fits.all = optimum(entries, smallest: smallest)
      fits.gains = [gain(entries)]
    } else {
      let parts = [0, 1].map { half in cells.map { sums[$0, fittedHalf: half] } }
      fits.halves = parts.map { optimum($0, smallest: smallest) }
      fits.gains = parts.map(gain)
      fits.all = optimum(entries, smallest: smallest)
    }
    if let all = fits.all {
      if mode.hasOffset {
        fits.errors = all.standardErrors(sums, cells: entries)
      } else {
        // A sum of Poisson counts: its relative error is one over the root of the count.
        let spikes = entries.reduce(0) { $0 + $1.spikes }
        fits.errors = (all.gain / spikes.squareRoot(), 0)
      }
    }
    return fits
  }

  /// The mode's optimum on `entries`; nil without spikes, or without a change to scale.
  private func optimum(_ entries: [ResponseSums.Entry], smallest: Double) -> AffineOptimum? {
    guard mode.hasOffset else {
      return gain(entries).map { AffineOptimum(gain: $0) }
    }
    let spikes = entries.reduce(0) { $0 + $1.spikes }
    let range = entries.reduce(ResponseSums.Entry()) { whole, entry in
      var whole = whole
      whole.smallest = min(whole.smallest, entry.smallest)
      whole.largest = max(whole.largest, entry.largest)
      return whole
    }
    guard spikes > 0, !isConstant(range) else { return nil }
    return AffineOptimum(sums, cells: entries, smallest: smallest)
  }

  /// Observed over predicted spikes: the likelihood's optimum without an offset.
  private func gain(_ entries: [ResponseSums.Entry]) -> Double? {
    let spikes = entries.reduce(0) { $0 + $1.spikes }
    let predicted = entries.reduce(0) { $0 + $1.rateSum }
    return spikes > 0 && predicted > 0 ? spikes / predicted : nil
  }

  private func rawBitsPerSpike(_ entry: ResponseSums.Entry) -> Double? {
    PoissonLikelihood.bitsPerSpike(
      logLikelihood(entry, gain: 1, offset: 0), spikes: entry.spikes, bins: entry.bins)
  }

  /// Log-likelihood of the counts of `entry` at `gain r + offset`.
  private func logLikelihood(_ entry: ResponseSums.Entry, gain: Double, offset: Double) -> Double {
    let rates = sums.spikeRates.span.extracting(entry.range)
    let counts = sums.spikeCounts.span.extracting(entry.range)
    let shift = offset + PoissonLikelihood.epsilon
    var sum = -(gain * entry.rateSum + offset * entry.bins)
    for index in 0..<rates.count {
      sum += Double(counts[index]) * log(gain * Double(rates[index]) + shift)
    }
    return sum
  }
}
