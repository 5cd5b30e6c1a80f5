import Base

/// Whether counts follow a prediction at all, whatever its scale: a permutation test.
///
/// Formula: the statistic is Pearson's r over valid bins; its null turns the counts in time by a random amount of at least a
/// tenth of the bins, which keeps the course of both and breaks what ties them. `p = (1 + k) / (1 + n)`, k of n turned
/// correlations at least as large.
/// Undefined: fewer than 20 valid bins; constant counts or rates.
public struct PredictionLocking: Sendable, Equatable {
  public let r: Double
  public let p: Double

  private static let fewestBins = 20

  /// - Throws: the reason for which nothing can be said.
  public init(_ series: MaskedSeries, seed: UInt32 = 42) throws(Undefined) {
    let rows = series.rates.indices.filter { series.mask[$0] > 0 }
    guard rows.count >= Self.fewestBins else { throw rows.isEmpty ? .allMasked : .tooFewBins }
    let rates = rows.map { Double(series.rates[$0]) }
    let counts = rows.map { Double(series.counts[$0]) }
    guard rates.allSatisfy(\.isFinite) else { throw .notFinite }
    guard let observed = Moments.correlation(rates, counts) else {
      throw Moments.variance(rates, missing: 0) > 0 ? .constantResponse : .constantPrediction
    }
    r = observed
    var generator = NumpyGenerator(seed: seed)
    let least = rows.count / 10
    // Turning changes neither means nor variances: the sum of products stands for r.
    let count = rows.count
    let twice = counts + counts
    func product(_ turn: Int) -> Double {
      var sum = 0.0
      for index in 0..<count { sum += rates[index] * twice[index + turn] }
      return sum
    }
    let found = product(0)
    let reached = (0..<StimulusLocking.permutations).count { _ in
      product(least + generator.integer(below: count - 2 * least)) >= found - 1e-9 * abs(found)
    }
    p = Double(1 + reached) / Double(1 + StimulusLocking.permutations)
  }
}
