import Kernels

/// Sums over bins of the output's gradients and of their products, in single precision over a limited number of rows.
struct ReadoutGrams {
  private let width: Int
  private var gradient: [Float]
  private var information: [Float]
  /// For the correlation: J, r J, y J and s² J Jᵀ as in `ReadoutSums.RateGradients`; empty without.
  private var rateGradients: [[Float]]
  private var squares: [Float]

  init(width: Int, derivatives: Bool, _ correlates: Bool) {
    self.width = width
    gradient = [Float](repeating: 0, count: derivatives ? width : 0)
    information = [Float](repeating: 0, count: derivatives ? width * width : 0)
    let isNeeded = derivatives && correlates
    rateGradients = isNeeded ? [gradient, gradient, gradient] : []
    squares = isNeeded ? information : []
  }

  /// - Parameters:
  ///   - gradients: `[bin, parameter]`
  ///   - residuals: d loss / d output of each bin, times its mask `valid`.
  mutating func add(
    _ gradients: [Float], residuals: [Double], valid: [Double], terms: [RateFunction.Term], counts: [Double]
  ) {
    add(gradients, residuals, to: &gradient)
    addGram(gradients, scales: zip(valid, terms).map { ($0 * $1.information).squareRoot() }, to: &information)
    guard !rateGradients.isEmpty else { return }
    add(gradients, terms.map(\.slope), to: &rateGradients[0])
    add(gradients, terms.map { $0.rate * $0.slope }, to: &rateGradients[1])
    add(gradients, zip(terms, counts).map { $0.slope * $1 }, to: &rateGradients[2])
    addGram(gradients, scales: terms.map { abs($0.slope) }, to: &squares)
  }

  /// Adds all of it to sums that have none of it yet.
  func finish(_ sums: inout ReadoutSums) {
    guard !gradient.isEmpty else { return }
    sums.gradient = gradient.map(Double.init)
    sums.information = information.map(Double.init)
    if !rateGradients.isEmpty {
      sums.rateGradients = .init(
        plain: rateGradients[0].map(Double.init), byRate: rateGradients[1].map(Double.init),
        byCount: rateGradients[2].map(Double.init), squares: squares.map(Double.init))
    }
  }

  /// Sum over rows of each row times its factor.
  private func add(_ rows: [Float], _ factors: [Double], to sum: inout [Float]) {
    BLAS.sgemv(
      rows: factors.count, columns: width, a: rows, transpose: true, x: factors.map { Float($0) }, beta: 1, y: &sum)
  }

  /// Sum over rows of the products of each row, scaled, with itself.
  private func addGram(_ rows: [Float], scales: [Double], to sum: inout [Float]) {
    var scaled = rows
    for (place, scale) in scales.enumerated() {
      let factor = Float(scale)
      for index in place * width..<(place + 1) * width { scaled[index] *= factor }
    }
    BLAS.sgemm(
      m: width, n: width, k: scales.count, a: scaled, lda: width, transposeA: true, b: scaled, beta: 1, c: &sum)
  }
}
