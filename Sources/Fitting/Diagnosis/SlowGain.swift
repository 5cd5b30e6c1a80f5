import Base
import Foundation
import Metrics

/// A gain that changes slowly over a recording, and the rates that it would give.
///
/// Formula: trial t gets `g_t = (sum_s w_ts y_s + a) / (sum_s w_ts n_s + a / G)` with observed and predicted spikes y, n of the
/// other trials, Gaussian weights w over the distance in trials (sd: a sixth of them, at least 1), G the ratio of the others'
/// observed to their predicted spikes and a = 5 spikes that pull it towards G. A trial never takes part in its own gain, so that
/// chance does not look like drift. `p` is the share of shuffled orders of the trials in which such a gain fits the trials'
/// counts at least as well.
/// Undefined: fewer than six trials with valid bins (blocks of a second where trials are not known, of more where that makes
/// over 400), or no spikes.
package struct SlowGain: Sendable {
  /// Predicted rate times the gain of its trial, for every row.
  package let rates: [Float]
  /// Observed over predicted spikes in the first and in the last quarter of the trials.
  package let first: Double
  package let last: Double
  package let p: Double

  private static let fewestTrials = 6
  private static let pseudoSpikes = 5.0
  private static let mostBlocks = 400
  private static let shuffles = 199

  /// - Parameters:
  ///   - series: in the order of time.
  ///   - trials: the trial of each row; nil where they are not known.
  package init?(_ series: MaskedSeries, trials: [Int]?, seed: UInt32 = 42) {
    let second = series.rateHz.isFinite ? max(1, Int(min(series.rateHz.rounded(), 1e6))) : 120
    let length = max(second, series.rates.count / Self.mostBlocks)
    let keys = trials ?? series.rates.indices.map { $0 / length }
    var places: [Int: Int] = [:]
    var totals: [Totals] = []
    for row in series.rates.indices where series.mask[row] > 0 {
      let place = places[keys[row]] ?? totals.count
      places[keys[row]] = place
      if place == totals.count { totals.append(Totals()) }
      totals[place].observed += Double(series.mask[row] * series.counts[row])
      totals[place].predicted += Double(series.mask[row] * series.rates[row])
    }
    let all = totals.reduce(into: Totals()) { $0.add($1) }
    guard totals.count >= Self.fewestTrials, all.observed > 0, all.predicted > 0, all.predicted.isFinite else {
      return nil
    }
    let smoother = Smoother(count: totals.count, overall: all.observed / all.predicted)
    let gains = smoother.gains(totals)
    rates = series.rates.indices.map { row in
      series.rates[row] * Float(places[keys[row]].map { gains[$0] } ?? smoother.overall)
    }
    let quarter = max(1, totals.count / 4)
    func ratio(_ part: ArraySlice<Totals>) -> Double {
      let sum = part.reduce(into: Totals()) { $0.add($1) }
      return sum.predicted > 0 ? sum.observed / sum.predicted : .nan
    }
    first = ratio(totals.prefix(quarter))
    last = ratio(totals.suffix(quarter))
    let found = smoother.gained(totals, gains)
    var generator = NumpyGenerator(seed: seed)
    let reached = (0..<Self.shuffles).count { _ in
      let shuffled = generator.permutation(totals.count).map { totals[$0] }
      return smoother.gained(shuffled, smoother.gains(shuffled)) >= found
    }
    p = Double(1 + reached) / Double(1 + Self.shuffles)
  }

  /// Spikes of a trial.
  private struct Totals: Sendable {
    var observed = 0.0
    var predicted = 0.0

    mutating func add(_ other: Totals) {
      observed += other.observed
      predicted += other.predicted
    }
  }

  /// Gains of trials from their neighbours.
  private struct Smoother {
    let overall: Double
    /// By distance in trials.
    let weights: [Double]

    init(count: Int, overall: Double) {
      self.overall = overall
      let width = max(1, Double(count) / 6)
      weights = (0..<count).map { exp(-0.5 * (Double($0) / width) * (Double($0) / width)) }
    }

    func gains(_ totals: [Totals]) -> [Double] {
      let all = totals.reduce(into: Totals()) { $0.add($1) }
      return totals.indices.map { trial in
        let observed = all.observed - totals[trial].observed
        let predicted = all.predicted - totals[trial].predicted
        let others = observed > 0 && predicted > 0 ? observed / predicted : overall
        var top = SlowGain.pseudoSpikes
        var bottom = SlowGain.pseudoSpikes / others
        for other in totals.indices where other != trial {
          let weight = weights[abs(other - trial)]
          top += weight * totals[other].observed
          bottom += weight * totals[other].predicted
        }
        return top / bottom
      }
    }

    /// Log-likelihood of the trials' counts beyond that of one gain for all.
    func gained(_ totals: [Totals], _ gains: [Double]) -> Double {
      zip(totals, gains).reduce(0) { sum, trial in
        sum + trial.0.observed * log(trial.1 / overall) - (trial.1 - overall) * trial.0.predicted
      }
    }
  }
}
