import Kernels

/// Sums over bins of the output's gradients and of their products, in single precision over a limited number of rows.
///
/// The products of gradients J with factors are those of two matrices, the rows of J and the same rows times their factors; further
/// columns of factors beside the second give the sums of J itself.
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
    let columns = width + (correlates ? 4 : 1)
    var scaled = Elementwise.unfilled(count * columns)
    for row in 0..<count {
      let line = row * columns
      Elementwise.scaled(
        gradients, from: offset + row * stride, count: width, by: Float(valid[row] * terms[row].information),
        into: &scaled, at: line)
      scaled[line + width] = Float(residuals[row])
      guard correlates else { continue }
      scaled[line + width + 1] = Float(terms[row].slope)
      scaled[line + width + 2] = Float(terms[row].rate * terms[row].slope)
      scaled[line + width + 3] = Float(terms[row].slope * counts[row])
    }
    SmallProducts.addLower(
      size: width, columns: stride, k: count, a: scaled, lda: columns, b: gradients, bOffset: offset, ldb: stride,
      to: &sums, ldc: stride)
    SmallProducts.add(
      m: columns - width, n: stride, k: count, a: scaled, aOffset: width, lda: columns, b: gradients, bOffset: offset,
      ldb: stride, to: &sums, cOffset: width * stride, ldc: stride)
    guard correlates else { return }
    for row in 0..<count {
      Elementwise.scaled(
        gradients, from: offset + row * stride, count: width, by: Float(terms[row].slope * terms[row].slope),
        into: &scaled, at: row * columns)
    }
    SmallProducts.addLower(
      size: width, columns: stride, k: count, a: scaled, lda: columns, b: gradients, bOffset: offset, ldb: stride,
      to: &squares, ldc: stride)
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

  /// Row-major, symmetric.
  private func square(_ values: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: width * width)
    for row in 0..<width {
      for column in 0...row {
        let value = Double(values[row * stride + column])
        result[row * width + column] = value
        result[column * width + row] = value
      }
    }
    return result
  }
}
