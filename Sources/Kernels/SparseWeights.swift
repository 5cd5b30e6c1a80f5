import CKernels

/// Columns of weights that are mostly zero, as lists of the rows in which they are not.
///
/// A sum over those rows takes less time than a product with the whole column, which vector units do faster a row.
struct SparseWeights: Sendable {
  /// The weights of a column above 0 or below, in order.
  private struct Column: Sendable {
    var column: Int
    var rows: [Int32] = []
    var weights: [Float] = []
    /// For each row, the number of entries before it.
    var places: [Int] = []
  }

  private let columns: [Column]
  /// Columns that are not mostly zero.
  let others: [Int]

  /// The largest share of entries in a column that is worth a list.
  private static let largestShare = 0.2
  /// Rows of features that stay in the cache.
  private static let blockRows = 512

  /// - Parameter weights: `[row, weight]`
  init(_ weights: [Float], weightCount: Int, rows: Int) {
    var counts = [Int](repeating: 0, count: weightCount)
    for row in 0..<rows {
      for column in 0..<weightCount where weights[row * weightCount + column] != 0 { counts[column] += 1 }
    }
    let most = Int(Self.largestShare * Double(rows))
    others = (0..<weightCount).filter { counts[$0] > most }
    columns = (0..<weightCount).filter { counts[$0] > 0 && counts[$0] <= most }.map { index in
      var column = Column(column: index)
      column.places.reserveCapacity(rows + 1)
      for row in 0..<rows {
        column.places.append(column.rows.count)
        let weight = weights[row * weightCount + index]
        guard weight != 0 else { continue }
        column.rows.append(Int32(row))
        column.weights.append(weight)
      }
      column.places.append(column.rows.count)
      return column
    }
  }

  /// Adds `sum_u weights[u + lag] features[u]` of `count` features to sums whose rows `[lag, weight]` are `sumStride` values
  /// apart.
  func add(
    _ features: UnsafePointer<Float>, stride: Int, rows: Int, count: Int, lagCount: Int, weightCount: Int,
    to sums: UnsafeMutablePointer<Double>, sumStride: Int
  ) {
    for first in Swift.stride(from: 0, to: rows, by: Self.blockRows) {
      let last = min(first + Self.blockRows, rows)
      for column in columns {
        column.rows.withUnsafeBufferPointer { entries in
          column.weights.withUnsafeBufferPointer { weights in
            guard let entries = entries.baseAddress, let weights = weights.baseAddress else { return }
            for lag in 0..<lagCount {
              let start = column.places[min(first + lag, rows)]
              let end = column.places[min(last + lag, rows)]
              guard start < end else { continue }
              ck_weighted_rows(
                features, stride, entries + start, lag, weights + start, end - start,
                sums + (lag * weightCount + column.column) * sumStride, count)
            }
          }
        }
      }
    }
  }
}
