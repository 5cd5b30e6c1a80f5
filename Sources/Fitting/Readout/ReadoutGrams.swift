import Kernels

/// Sums over bins of the output's gradients and of their products, in single precision over a limited number of rows.
struct ReadoutGrams {
  private let width: Int
  /// Values from row to row of the gradients and of what is summed.
  let stride: Int
  private let correlates: Bool
  /// `[width + 1 or 4, stride]`: sum of w J Jᵀ, then of e J; for the correlation of s J, r s J and y s J.
  private var sums: [Float]
  /// For the correlation: sum of s² J Jᵀ; empty without.
  private var squares: [Float]

  init(width: Int, derivatives: Bool, correlates: Bool) {
    self.width = width
    self.correlates = derivatives && correlates
    stride = Self.stride(width)
    sums = [Float](repeating: 0, count: derivatives ? (width + (correlates ? 4 : 1)) * stride : 0)
    squares = [Float](repeating: 0, count: derivatives && correlates ? width * stride : 0)
  }

  /// Whole vectors a row.
  static func stride(_ width: Int) -> Int { (width + 15) / 16 * 16 }

  /// - Parameters:
  ///   - gradients: `[bin, stride]` from `offset`, with zeros behind a row's numbers.
  ///   - residuals: d loss / d output of each bin, times its mask `valid`.
  mutating func add(
    _ gradients: [Float], from offset: Int, residuals: [Double], valid: [Double], terms: [RateFunction.Term],
    counts: [Double]
  ) {
    let count = residuals.count
    let columns = correlates ? 4 : 1
    var factors = Elementwise.unfilled(count * columns)
    for row in 0..<count {
      factors[row * columns] = Float(residuals[row])
      guard correlates else { continue }
      factors[row * columns + 1] = Float(terms[row].slope)
      factors[row * columns + 2] = Float(terms[row].rate * terms[row].slope)
      factors[row * columns + 3] = Float(terms[row].slope * counts[row])
    }
    SmallProducts.add(
      m: columns, n: stride, k: count, a: factors, lda: columns, b: gradients, bOffset: offset, ldb: stride, to: &sums,
      cOffset: width * stride, ldc: stride)
    addGram(gradients, offset, zip(valid, terms).map { ($0 * $1.information).squareRoot() }, to: &sums)
    if correlates { addGram(gradients, offset, terms.map { abs($0.slope) }, to: &squares) }
  }

  /// Sum over rows of the products of each row, scaled, with itself: never negative, also when rounded.
  private func addGram(_ rows: [Float], _ offset: Int, _ scales: [Double], to sum: inout [Float]) {
    var scaled = Elementwise.unfilled(scales.count * stride)
    for (row, scale) in scales.enumerated() {
      Elementwise.scaled(
        rows, from: offset + row * stride, count: stride, by: Float(scale), into: &scaled, at: row * stride)
    }
    SmallProducts.addLower(
      size: width, columns: stride, k: scales.count, a: scaled, lda: stride, b: scaled, ldb: stride, to: &sum,
      ldc: stride)
  }

  /// Adds all of it to sums that have none of it yet.
  func finish(_ own: inout ReadoutSums) {
    guard !sums.isEmpty else { return }
    own.gradient = line(width)
    own.information = square(sums)
    if correlates {
      own.rateGradients = .init(
        plain: line(width + 1), byRate: line(width + 2), byCount: line(width + 3), squares: square(squares))
    }
  }

  private func line(_ row: Int) -> [Double] { sums[row * stride..<row * stride + width].map(Double.init) }

  /// Row-major, the lower triangle alone.
  private func square(_ values: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: width * width)
    for row in 0..<width {
      for column in 0...row { result[row * width + column] = Double(values[row * stride + column]) }
    }
    return result
  }
}
