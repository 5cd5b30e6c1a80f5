import Base
import Fitting
import Foundation

/// One minus the correlation of rates and counts over a batch, as a term of the loss.
///
/// Formula: mean over cells of 1 - r, r the Pearson correlation over the batch's valid bins.
/// Shapes: counts, outputs and gradient `[sample, cell]`.
/// Undefined: a cell whose counts or rates do not vary, or with fewer than three valid bins, has no part.
package struct BatchCorrelation {
  let counts: Tensor
  let mask: Tensor?
  let isLogRate: Bool

  package init(counts: Tensor, mask: Tensor?, isLogRate: Bool) {
    self.counts = counts
    self.mask = mask
    self.isLogRate = isLogRate
  }

  package func callAsFunction(_ outputs: Tensor) -> (value: Double, gradient: [Double]) {
    let cells = counts.shape[1]
    var value = 0.0
    var gradient = [Double](repeating: 0, count: outputs.count)
    var known = 0
    for cell in 0..<cells {
      let bins = stride(from: cell, to: outputs.count, by: cells).filter { isValid($0, cells) }
      guard let own = term(bins, outputs) else { continue }
      known += 1
      value += 1 - own.r
      for (bin, slope) in zip(bins, own.slopes) { gradient[bin] = -slope }
    }
    guard known > 0 else { return (0, gradient) }
    return (value / Double(known), gradient.map { $0 / Double(known) })
  }

  private func isValid(_ index: Int, _ cells: Int) -> Bool {
    mask.map { $0.values[$0.count == counts.count ? index : index / cells] > 0 } ?? true
  }

  /// A cell's correlation and its derivative with respect to the outputs.
  private func term(_ bins: [Int], _ outputs: Tensor) -> (r: Double, slopes: [Double])? {
    guard !bins.isEmpty else { return nil }
    let rates = bins.map { isLogRate ? exp(Double(outputs.values[$0])) : Double(outputs.values[$0]) }
    let observed = bins.map { Double(counts.values[$0]) }
    let (rateMean, countMean) = (rates.reduce(0, +) / Double(bins.count), observed.reduce(0, +) / Double(bins.count))
    let (x, y) = (rates.map { $0 - rateMean }, observed.map { $0 - countMean })
    let (xx, yy) = (x.reduce(0) { $0 + $1 * $1 }, y.reduce(0) { $0 + $1 * $1 })
    guard
      let loss = CorrelationLoss(
        bins: bins.count, rateMean: rateMean, countMean: countMean, rateSquares: xx, countSquares: yy,
        products: zip(x, y).reduce(0) { $0 + $1.0 * $1.1 })
    else { return nil }
    let slopes = zip(x, y).map { loss.slope(rate: $0, count: $1) }
    return (loss.r, isLogRate ? zip(slopes, rates).map { $0 * $1 } : slopes)
  }
}
