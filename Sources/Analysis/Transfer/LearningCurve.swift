import Base
import Fitting
import Metrics

/// Held-out scores of readouts that are fitted to parts of the training trials: how much data a new cell needs.
///
/// For each amount, trials are drawn without replacement until they hold that many valid bins; readouts are fitted to these
/// trials alone, penalty included, and scored on the same held-out trials. A cell's score is the mean over draws.
package struct LearningCurve: Sendable {
  package struct Point: Sendable {
    /// Of the training data, mean over draws.
    package var minutes: Double
    package var trials: Int
    /// Over cells.
    package var bitsPerSpike: MeanInterval?
    package var cells: Int
    /// Cells that the readout predicts better than their mean rate on the held-out trials.
    package var above: Int
  }

  package let points: [Point]

  /// - Parameters:
  ///   - minutes: amounts of training data, ascending; one that is larger than what there is takes all.
  ///   - trials: of each training row.
  ///   - draws: of trials for each amount.
  ///   - fit: held-out scores by cell of readouts that are fitted to some of the training rows.
  /// - Throws: what `fit` throws.
  package init(
    minutes: [Double], trainRows: [Int], trials: [Int], rateHz: Double, draws: Int, seed: UInt32,
    fit: ([Int]) throws -> [Double?]
  ) throws {
    let distinct = Set(trials).sorted()
    var generator = MersenneTwister(seed: seed)
    var points: [Point] = []
    for minutes in minutes {
      let wanted = minutes * 60 * rateHz
      var fits: [[Double?]] = []
      var sizes: [(rows: Int, trials: Int)] = []
      for _ in 0..<draws {
        var chosen = Set<Int>()
        var rows = 0
        for trial in generator.permutation(distinct.count).map({ distinct[$0] }) where Double(rows) < wanted {
          chosen.insert(trial)
          rows += trials.count { $0 == trial }
        }
        fits.append(try fit(trainRows.indices.filter { chosen.contains(trials[$0]) }.map { trainRows[$0] }))
        sizes.append((rows, chosen.count))
        // All trials can be drawn in one way only.
        if chosen.count == distinct.count { break }
      }
      let cells = (fits.first ?? []).indices.compactMap { cell -> Double? in
        let scores = fits.compactMap { $0[cell] }
        return scores.count == fits.count ? Moments.mean(scores) : nil
      }
      points.append(
        Point(
          minutes: Double(sizes.reduce(0) { $0 + $1.rows }) / Double(sizes.count) / rateHz / 60,
          trials: sizes.reduce(0) { $0 + $1.trials } / sizes.count, bitsPerSpike: MeanInterval(cells),
          cells: cells.count, above: cells.count { $0 > 0 }))
      // More minutes would take the same trials.
      if sizes.allSatisfy({ $0.trials == distinct.count }) { break }
    }
    self.points = points
  }
}
