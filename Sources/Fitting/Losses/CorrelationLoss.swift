/// One minus the correlation of a cell's rates and counts, from sums over its bins.
///
/// Formula: 1 - r, r Pearson's correlation. With x and y the deviations of rate and count from their means, the derivative
/// of r with respect to a bin's rate is `y / sqrt(xx yy) - r x / xx`, xx and yy the sums of squares; the deviations sum to 0,
/// so the means add nothing.
/// Undefined: nil where rates or counts do not vary, or with fewer than three bins.
package struct CorrelationLoss: Sendable {
  package let r: Double
  package let rateMean: Double
  package let countMean: Double
  /// Sum of the squared deviations of the rates.
  package let rateSquares: Double
  /// sqrt(xx yy)
  package let scale: Double

  package static let fewestBins = 3

  /// - Parameters:
  ///   - bins: their number.
  ///   - rateSquares, countSquares, products: sums over the deviations from the means.
  package init?(
    bins: Int, rateMean: Double, countMean: Double, rateSquares: Double, countSquares: Double, products: Double
  ) {
    guard bins >= Self.fewestBins, rateSquares > 0, countSquares > 0 else { return nil }
    scale = (rateSquares * countSquares).squareRoot()
    r = products / scale
    self.rateMean = rateMean
    self.countMean = countMean
    self.rateSquares = rateSquares
  }

  /// d r / d rate of a bin, from the deviations of its rate and count.
  package func slope(rate: Double, count: Double) -> Double { count / scale - r * rate / rateSquares }
}

/// Sums over bins that a correlation is made of.
package struct CorrelationSums: Sendable, Equatable {
  package var bins = 0
  package var rates = 0.0
  package var counts = 0.0
  package var rateSquares = 0.0
  package var countSquares = 0.0
  package var products = 0.0

  package init() {}

  package mutating func add(rate: Double, count: Double) {
    bins += 1
    rates += rate
    counts += count
    rateSquares += rate * rate
    countSquares += count * count
    products += rate * count
  }

  package mutating func add(_ other: CorrelationSums) {
    bins += other.bins
    rates += other.rates
    counts += other.counts
    rateSquares += other.rateSquares
    countSquares += other.countSquares
    products += other.products
  }

  /// Nil as `CorrelationLoss`; also where the rates vary by no more than rounding.
  package var loss: CorrelationLoss? {
    guard bins > 0 else { return nil }
    let number = Double(bins)
    let (rate, count) = (rates / number, counts / number)
    let squares = rateSquares - number * rate * rate
    guard squares > 1e-13 * rateSquares else { return nil }
    return CorrelationLoss(
      bins: bins, rateMean: rate, countMean: count, rateSquares: squares,
      countSquares: countSquares - number * count * count, products: products - number * rate * count)
  }
}
