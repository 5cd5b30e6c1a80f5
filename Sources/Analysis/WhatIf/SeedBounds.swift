import Base
import Metrics

/// A 95 % interval of a mean difference over cells and seeds.
///
/// Formula: the interval over cells of the differences averaged over seeds, and t s / sqrt(K) for the K seeds' mean
/// differences with standard deviation s, their half-widths added in quadrature on each side. What differs from cell to cell
/// and seed to seed counts in both, so that the interval is a little too wide.
/// Undefined: as the interval over cells; with one seed it is that interval alone.
package enum SeedBounds {
  /// - Shapes: `differences` `[seed][cell]`, only cells with a difference in every seed.
  package static func interval(_ differences: [[Double]]) -> (lower: Double, upper: Double)? {
    guard let first = differences.first, !first.isEmpty else { return nil }
    let seeds = Double(differences.count)
    let cells = first.indices.map { cell in differences.reduce(0) { $0 + $1[cell] } / seeds }
    guard let own = MeanBounds.interval(of: cells) else { return nil }
    guard differences.count > 1 else { return own }
    let means = differences.map(Moments.mean)
    let center = Moments.mean(means)
    let error = (Moments.variance(means, missing: 1) / seeds).squareRoot()
    let reach = StudentT.value(exceededWith: 0.05, freedom: seeds - 1) * error
    func combined(_ side: Double) -> Double { (side * side + reach * reach).squareRoot() }
    return (center - combined(center - own.lower), center + combined(own.upper - center))
  }
}
