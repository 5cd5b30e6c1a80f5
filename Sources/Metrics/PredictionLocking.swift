import Base

/// Permutation test of whether a cell's counts follow a prediction, whatever its scale.
///
/// Formula: the statistic is Pearson's r over valid bins. Under the null hypothesis the counts are shifted circularly in time,
/// by a random amount of at least a tenth of the bins: both series keep their time course, but are no longer aligned.
/// `p = (1 + k) / (1 + n)`, where k of n shifted correlations are at least as large.
/// Undefined: fewer than 20 valid bins; constant counts or rates.
public struct PredictionLocking: Sendable, Equatable {
  public let r: Double
  public let p: Double

  private static let fewestBins = 20

  /// - Throws: the reason why the test is undefined.
  public init(_ series: MaskedSeries, seed: UInt32 = 42) throws(Undefined) {
    let rows = series.rates.indices.filter { series.mask[$0] > 0 }
    guard rows.count >= Self.fewestBins else { throw rows.isEmpty ? .allMasked : .tooFewBins }
    let rates = rows.map { Double(series.rates[$0]) }
    let counts = rows.map { Double(series.counts[$0]) }
    guard rates.allSatisfy(\.isFinite) else { throw .notFinite }
    guard let observed = Moments.correlation(rates, counts) else {
      throw Moments.isConstant(rates) ? .constantPrediction : .constantResponse
    }
    r = observed
    var generator = NumpyGenerator(seed: seed)
    let least = rows.count / 10
    // A shift changes neither means nor variances, so the sum of products orders shifts as r does.
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
