import Base
import Kernels

/// Sums over rows that a linear regression of all cells' counts on the same features is made of.
struct RidgeSums: Sendable {
  /// Of a row's features.
  let size: Int
  private let cells: Int
  private(set) var rows = 0.0
  /// `[feature, feature]`, `[feature]`, `[feature, cell]`
  private var products: [Double]
  private var totals: [Double]
  private var cross: [Double]

  init(size: Int, cells: Int) {
    self.size = size
    self.cells = cells
    products = [Double](repeating: 0, count: size * size)
    totals = [Double](repeating: 0, count: size)
    cross = [Double](repeating: 0, count: size * cells)
  }

  /// - Parameters:
  ///   - features: `[row, feature]` from `offset`.
  ///   - residuals: `[row, cell]`, counts less their mean; 0 where masked.
  mutating func add(_ features: [Float], from offset: Int = 0, residuals: [Float], count: Int) {
    rows += Double(count)
    var square = [Float](repeating: 0, count: size * size)
    BLAS.sgemm(
      m: size, n: size, k: count, a: features, aOffset: offset, lda: size, transposeA: true, b: features,
      bOffset: offset, c: &square)
    for place in square.indices { products[place] += Double(square[place]) }
    var product = [Float](repeating: 0, count: size * cells)
    BLAS.sgemm(
      m: size, n: cells, k: count, a: features, aOffset: offset, lda: size, transposeA: true, b: residuals,
      c: &product)
    for place in product.indices { cross[place] += Double(product[place]) }
    for row in 0..<count {
      for index in 0..<size { totals[index] += Double(features[offset + row * size + index]) }
    }
  }

  mutating func add(_ other: RidgeSums) {
    rows += other.rows
    for place in products.indices { products[place] += other.products[place] }
    for place in totals.indices { totals[place] += other.totals[place] }
    for place in cross.indices { cross[place] += other.cross[place] }
  }

  /// Filters of all cells, `[feature, cell]`: least squares with a penalty of `ridge` times the features' mean variance.
  ///
  /// Undefined: nil where the equations can't be solved.
  func filters(ridge: Double) -> [Float]? {
    guard rows > 0, size > 0 else { return nil }
    let means = totals.map { $0 / rows }
    var matrix = products
    for i in 0..<size {
      for j in 0...i { matrix[i * size + j] -= rows * means[i] * means[j] }
    }
    let variance = (0..<size).reduce(0.0) { $0 + matrix[$1 * size + $1] } / Double(size)
    for i in 0..<size { matrix[i * size + i] += ridge * variance + 1e-12 }
    return BLAS.dposv(matrix, cross, columns: cells)?.map { Float($0) }
  }
}
