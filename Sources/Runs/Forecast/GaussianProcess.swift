import Foundation

/// Regression by a Gaussian process with left-out predictions of every row.
///
/// Covariance of two rows: 1 + 0.3 x·x' + (1 + √3 d) exp(−√3 d) (Matérn 3/2), where x are standardised features and
/// d² = |x − x'|² + 4 for rows of different groups; the noise's variance is 0.3 of the targets'.
struct GaussianProcess {
  private static let linear = 0.3
  private static let noise = 0.3
  private static let groupDistance = 4.0

  private let features: [[Double]]
  private let groups: [String]
  private let targets: [Double]
  private let scale: Double
  private let means: [Double]
  private let spreads: [Double]
  private let inverse: [Double]
  private let weights: [Double]

  /// - Returns: nil where the rows are degenerate.
  init?(features raw: [[Double]], groups: [String], targets: [Double]) {
    let count = targets.count
    guard count > 1, let width = raw.first?.count else { return nil }
    func moments(_ values: [Double]) -> (mean: Double, spread: Double) {
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return (mean, variance > 1e-24 ? variance.squareRoot() : 1)
    }
    let columns = (0..<width).map { column in moments(raw.map { $0[column] }) }
    let (means, spreads) = (columns.map(\.mean), columns.map(\.spread))
    let features = raw.map { row in zip(row, columns).map { ($0 - $1.mean) / $1.spread } }
    // The targets keep their zero: without evidence a run stays where it is.
    let scale = moments(targets).spread
    var matrix = [Double](repeating: 0, count: count * count)
    for row in 0..<count {
      for column in 0...row {
        let value = Self.covariance(features[row], features[column], sameGroup: groups[row] == groups[column])
        matrix[row * count + column] = value
        matrix[column * count + row] = value
      }
      matrix[row * count + row] += Self.noise
    }
    guard let inverse = SymmetricInverse.of(matrix, count: count) else { return nil }
    (self.features, self.groups, self.targets, self.scale) = (features, groups, targets, scale)
    (self.means, self.spreads, self.inverse) = (means, spreads, inverse)
    weights = (0..<count).map { row in
      (0..<count).reduce(0) { $0 + inverse[row * count + $1] * targets[$1] / scale }
    }
  }

  private static func covariance(_ a: [Double], _ b: [Double], sameGroup: Bool) -> Double {
    var (distance, product) = (sameGroup ? 0 : groupDistance, 0.0)
    for (x, y) in zip(a, b) {
      distance += (x - y) * (x - y)
      product += x * y
    }
    let root = (3 * distance).squareRoot()
    return 1 + linear * product + (1 + root) * exp(-root)
  }

  /// The prediction for each row from all others.
  func leftOut() -> [Double] {
    let count = targets.count
    return (0..<count).map { row in targets[row] - scale * weights[row] / inverse[row * count + row] }
  }

  func prediction(_ raw: [Double], group: String) -> Double {
    let row = zip(raw, zip(means, spreads)).map { ($0 - $1.0) / $1.1 }
    return scale
      * features.indices.reduce(0) {
        $0 + weights[$1] * Self.covariance(row, features[$1], sameGroup: groups[$1] == group)
      }
  }
}

/// The inverse of a symmetric positive definite matrix, by Cholesky's factors.
enum SymmetricInverse {
  /// Row by row; nil where the matrix is not positive definite.
  static func of(_ matrix: [Double], count: Int) -> [Double]? {
    var lower = matrix
    for column in 0..<count {
      for row in column..<count {
        var sum = lower[row * count + column]
        let (a, b) = (row * count, column * count)
        for index in 0..<column { sum -= lower[a + index] * lower[b + index] }
        if row == column {
          guard sum > 0 else { return nil }
          lower[a + column] = sum.squareRoot()
        } else {
          lower[a + column] = sum / lower[column * count + column]
        }
      }
    }
    // The inverse of the lower factor, then its product with its transpose. Rows of `factor` are columns of the inverse.
    var factor = [Double](repeating: 0, count: count * count)
    for column in 0..<count {
      factor[column * count + column] = 1 / lower[column * count + column]
      for row in column + 1..<max(count, column + 1) {
        var sum = 0.0
        for index in column..<row { sum -= lower[row * count + index] * factor[column * count + index] }
        factor[column * count + row] = sum / lower[row * count + row]
      }
    }
    var inverse = [Double](repeating: 0, count: count * count)
    for row in 0..<count {
      for column in 0...row {
        var sum = 0.0
        for index in row..<count { sum += factor[row * count + index] * factor[column * count + index] }
        inverse[row * count + column] = sum
        inverse[column * count + row] = sum
      }
    }
    return inverse
  }
}
