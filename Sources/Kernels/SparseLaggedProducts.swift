import CKernels

/// Weights that are mostly zero, and the rows that they weight at all lags.
///
/// Only rows with a weight are touched: their features and those of the rows before them, side by side in a strip as narrow as a
/// line of the cache. Stretches of rows follow each other, so that the strip is read from the nearest cache.
struct SparseLaggedProducts: Sendable {
  /// The columns of the weights that are kept here.
  let columns: [Int]
  private let lagCount: Int
  private let rows: Int
  /// Rows and weights by stretch, then column, and where each column of a stretch ends.
  private let places: [Int]
  private let values: [Float]
  private let ends: [Int]

  /// Features of a strip, as the kernel reads them.
  static let width = 16
  /// Rows of a stretch: 32 KB of features.
  private static let stretch = 512
  /// Rows for each weight that is not zero, at least, and columns for which strips are worth arranging.
  private static let fewestRows = 4
  private static let fewestColumns = 4

  /// Columns that are better summed here; the others are multiplied with all rows.
  ///
  /// - Shapes: `weights` `[row, weight]`
  static func columns(_ weights: [Float], weightCount: Int, rows: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: weightCount)
    for row in 0..<rows {
      for column in 0..<weightCount where weights[row * weightCount + column] != 0 { counts[column] += 1 }
    }
    let sparse = counts.indices.filter { counts[$0] * fewestRows <= rows }
    return sparse.count < fewestColumns ? [] : sparse
  }

  init(_ weights: [Float], weightCount: Int, rows: Int, columns: [Int], lagCount: Int) {
    self.columns = columns
    self.lagCount = lagCount
    self.rows = rows
    var places: [Int] = []
    var values: [Float] = []
    var ends: [Int] = []
    for first in stride(from: 0, to: rows, by: Self.stretch) {
      for column in columns {
        for row in first..<min(rows, first + Self.stretch) where weights[row * weightCount + column] != 0 {
          places.append(row)
          values.append(weights[row * weightCount + column])
        }
        ends.append(places.count)
      }
    }
    self.places = places
    self.values = values
    self.ends = ends
  }

  /// Adds to `[lag, weight, feature]` of all columns of the weights, in runs of `stride` features.
  ///
  /// - Parameter features: `count` of each row, whose rows are `stride` values apart.
  func add(
    _ features: UnsafePointer<Float>, stride: Int, count: Int, weightCount: Int, to target: UnsafeMutablePointer<Double>
  ) {
    // Rows before the first count as 0.
    var strip = [Float](repeating: 0, count: (lagCount - 1 + rows) * Self.width)
    var sums = [Float](repeating: 0, count: lagCount * columns.count * Self.width)
    strip.withUnsafeMutableBufferPointer { strip in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let strip = strip.baseAddress, let sums = sums.baseAddress else { return }
        for first in Swift.stride(from: 0, to: count, by: Self.width) {
          let width = min(Self.width, count - first)
          ck_lagged_products(
            features + first, stride, rows, width, places, values, ends, ends.count, columns.count, lagCount, strip,
            sums)
          for lag in 0..<lagCount {
            for (index, column) in columns.enumerated() {
              ck_accumulate(
                sums + (lag * columns.count + index) * Self.width,
                target + (lag * weightCount + column) * stride + first, width)
            }
          }
        }
      }
    }
  }
}
