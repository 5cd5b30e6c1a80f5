import Base
import Foundation

/// Sums of rows of features weighted by what followed them: for every lag, `sum_u weights[u + lag] features[u]`.
///
/// A block of rows enters one matrix product for a run of lags: the weights of a row at all these lags are neighbours in
/// memory, so stacking the lags costs one copy. Lags are shared out over the cores. Products are float32 within a block,
/// sums over blocks float64; memory does not depend on the number of blocks.
///
/// Shapes: `features` `[row, feature]`, `weights` `[row, weight]`, `sums` `[lag, weight, feature]`.
public struct LaggedProducts: Sendable {
  /// 0 to `lagCount` - 1, in rows.
  public let lagCount: Int
  public let weightCount: Int
  public let featureCount: Int
  public private(set) var sums: [Double]

  /// Rows of a product's result that a core works on at a time: few megabytes beside the block.
  private static let stackedRows = 320

  public init(lagCount: Int, weightCount: Int, featureCount: Int) {
    precondition(lagCount > 0 && weightCount >= 0 && featureCount >= 0)
    self.lagCount = lagCount
    self.weightCount = weightCount
    self.featureCount = featureCount
    sums = [Double](repeating: 0, count: lagCount * weightCount * featureCount)
  }

  /// Adds a block; weights beyond its last row count as 0.
  ///
  /// - Throws: `Failure.interrupted`.
  public mutating func add(features: [Float], weights: [Float], rows: Int, work: Work = .silent) throws {
    precondition(
      features.count == rows * featureCount && weights.count == rows * weightCount,
      "\(rows) rows of \(featureCount) features and \(weightCount) weights: \(features.count) and \(weights.count) values"
    )
    guard rows > 0, weightCount > 0, featureCount > 0 else { return }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let needed = (lagCount * weightCount + Self.stackedRows - 1) / Self.stackedRows
    let lagParts = Self.parts(of: lagCount, count: (needed + cores - 1) / cores * cores)
    let featureParts = Self.parts(of: featureCount, count: lagParts.count < cores ? cores : 1)
    let (weightCount, featureCount) = (weightCount, featureCount)
    try sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      // Every piece writes to its own lags and features.
      nonisolated(unsafe) let target = base
      try Parallel.forEach(lagParts.count * featureParts.count, work: work) { piece in
        let lags = lagParts[piece / featureParts.count]
        let part = featureParts[piece % featureParts.count]
        let stacked = lags.count * weightCount
        let packed = Self.packed(weights, lags: lags, weightCount: weightCount, rows: rows)
        var product = [Float](repeating: 0, count: stacked * part.count)
        BLAS.sgemm(
          m: stacked, n: part.count, k: rows, a: packed, lda: stacked, transposeA: true, b: features,
          bOffset: part.lowerBound, ldb: featureCount, c: &product)
        product.withUnsafeBufferPointer { product in
          for row in 0..<stacked {
            let out = target + (lags.lowerBound * weightCount + row) * featureCount + part.lowerBound
            for column in 0..<part.count { out[column] += Double(product[row * part.count + column]) }
          }
        }
      }
    }
  }

  /// The weights that each row meets at a run of lags, side by side.
  private static func packed(_ weights: [Float], lags: Range<Int>, weightCount: Int, rows: Int) -> [Float] {
    let stacked = lags.count * weightCount
    return [Float](unsafeUninitializedCapacity: rows * stacked) { out, count in
      weights.withUnsafeBufferPointer { weights in
        for row in 0..<rows {
          let first = (row + lags.lowerBound) * weightCount
          for column in 0..<stacked {
            out[row * stacked + column] = first + column < weights.count ? weights[first + column] : 0
          }
        }
      }
      count = rows * stacked
    }
  }

  private static func parts(of count: Int, count wanted: Int) -> [Range<Int>] {
    let parts = max(1, min(count, wanted))
    return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
  }
}
