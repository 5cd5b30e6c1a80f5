import Base
import CKernels
import Foundation

/// Sums of rows of features weighted by what followed them: for every lag, `sum_u weights[u + lag] features[u]`.
///
/// All lags of a block of rows are one matrix product: the weights that a row meets at them are stacked. Two halvings of the
/// rows into even and odd ones save further multiplications: with W and F split so, the sums at even and odd lags are P + Q
/// and P + R of three products of half the rows and half the lags, P of W1 and F0 + F1, Q of W0 - W1 and F0, R of W0' - W1
/// and F1 (W0' begins one row later). Weights that are mostly zero, as counts are, meet only the rows that they weight
/// (`SparseLaggedProducts`). Runs of features are shared out over the cores and stay in the cache. Products are
/// float32 within a block, sums over blocks float64; memory does not depend on the number of blocks.
///
/// Shapes: `features` `[row, feature]`, `weights` `[row, weight]`, `sums` `[lag, weight, feature]`.
/// Source: fast FIR algorithms, Mou & Duhamel 1991, in transposed form
public struct LaggedProducts: Sendable {
  /// 0 to `lagCount` - 1, in rows.
  public let lagCount: Int
  public let weightCount: Int
  public let featureCount: Int
  public private(set) var sums: [Double]

  /// Features that a core works on at a time, the same on any number of cores. The weights of a product are arranged again for
  /// each run, so runs are long; where there are few features, there are at least four of them.
  private var run: Int { min(848, max(128, (featureCount / 4 + 15) / 16 * 16)) }
  /// Rows of a product at least, and lags, where halving pays.
  private static let fewestRows = 128
  private static let fewestLags = 6

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
    let few = SparseLaggedProducts.columns(weights, weightCount: weightCount, rows: rows)
    let sparse =
      few.isEmpty
      ? nil
      : SparseLaggedProducts(weights, weightCount: weightCount, rows: rows, columns: few, lagCount: lagCount)
    let dense = few.isEmpty ? Array(0..<weightCount) : (0..<weightCount).filter { !few.contains($0) }
    let own = few.isEmpty ? weights : Self.columns(dense, of: weights, weightCount: weightCount, rows: rows)
    let root = dense.isEmpty ? nil : Node(own, weightCount: dense.count, rows: rows, lags: lagCount)
    let (lagCount, weightCount, featureCount, run) = (lagCount, weightCount, featureCount, run)
    try features.withUnsafeBufferPointer { features in
      try sums.withUnsafeMutableBufferPointer { sums in
        guard let features = features.baseAddress, let base = sums.baseAddress else { return }
        // Every piece writes to its own features.
        nonisolated(unsafe) let (source, target) = (features, base)
        try Parallel.forEach((featureCount + run - 1) / run, work: work) { piece in
          let first = piece * run
          let count = min(run, featureCount - first)
          sparse?.add(
            source + first, stride: featureCount, count: count, weightCount: weightCount, to: target + first)
          guard let root else { return }
          let product = root.product(source + first, stride: featureCount, rows: rows, count: count)
          product.withUnsafeBufferPointer { product in
            guard let product = product.baseAddress else { return }
            for lag in 0..<lagCount {
              for (index, column) in dense.enumerated() {
                ck_accumulate(
                  product + (lag * dense.count + index) * count,
                  target + (lag * weightCount + column) * featureCount + first, count)
              }
            }
          }
        }
      }
    }
  }

  /// These columns of the weights, `[row, column]`.
  private static func columns(_ columns: [Int], of weights: [Float], weightCount: Int, rows: Int) -> [Float] {
    var part: [Float] = []
    part.reserveCapacity(rows * columns.count)
    for row in 0..<rows {
      for column in columns { part.append(weights[row * weightCount + column]) }
    }
    return part
  }

  /// The weights of one product, or of the three that it is made of.
  private indirect enum Node: Sendable {
    /// `[row, lag, weight]`
    case leaf(stacked: [Float], width: Int)
    case halves(p: Node, q: Node, r: Node, lags: Int, weightCount: Int)

    /// - Parameter weights: `[row, weight]`, 0 beyond.
    init(_ weights: [Float], weightCount: Int, rows: Int, lags: Int) {
      guard rows >= 2 * LaggedProducts.fewestRows, lags >= LaggedProducts.fewestLags else {
        self = .leaf(
          stacked: LaggedProducts.stacked(weights, lags: lags, weightCount: weightCount, rows: rows),
          width: lags * weightCount)
        return
      }
      let half = (rows + 1) / 2
      let halfLags = (lags + 1) / 2
      // Rows that a product of half the rows meets.
      let count = half + halfLags - 1
      func phase(_ first: Int, minus other: Int? = nil) -> [Float] {
        [Float](unsafeUninitializedCapacity: count * weightCount) { out, filled in
          filled = count * weightCount
          weights.withUnsafeBufferPointer { weights in
            func value(_ row: Int, _ column: Int) -> Float {
              let index = row * weightCount + column
              return index < weights.count ? weights[index] : 0
            }
            for row in 0..<count {
              for column in 0..<weightCount {
                let own = value(2 * row + first, column)
                out[row * weightCount + column] = other.map { own - value(2 * row + $0, column) } ?? own
              }
            }
          }
        }
      }
      func node(_ weights: [Float]) -> Node {
        Node(weights, weightCount: weightCount, rows: half, lags: halfLags)
      }
      self = .halves(
        p: node(phase(1)), q: node(phase(0, minus: 1)), r: node(phase(2, minus: 1)), lags: lags,
        weightCount: weightCount)
    }

    /// `[lag, weight, feature]` of `count` features, whose rows are `stride` values apart.
    func product(_ features: UnsafePointer<Float>, stride: Int, rows: Int, count: Int) -> [Float] {
      switch self {
      case .leaf(let stacked, let width):
        return [Float](unsafeUninitializedCapacity: width * count) { out, filled in
          filled = width * count
          stacked.withUnsafeBufferPointer { stacked in
            guard let out = out.baseAddress, let stacked = stacked.baseAddress else { return }
            BLAS.sgemm(
              m: width, n: count, k: rows, a: stacked, lda: width, transposeA: true, b: features, ldb: stride, beta: 0,
              c: out, ldc: count)
          }
        }
      case .halves(let p, let q, let r, let lags, let weightCount):
        let half = (rows + 1) / 2
        let sum = [Float](unsafeUninitializedCapacity: half * count) { out, filled in
          filled = half * count
          for row in 0..<half {
            let even = features + 2 * row * stride
            let odd = even + stride
            let hasOdd = 2 * row + 1 < rows
            for column in 0..<count { out[row * count + column] = hasOdd ? even[column] + odd[column] : even[column] }
          }
        }
        let both = sum.withUnsafeBufferPointer { sum in
          sum.baseAddress.map { p.product($0, stride: count, rows: half, count: count) } ?? []
        }
        let even = q.product(features, stride: 2 * stride, rows: half, count: count)
        let odd = r.product(features + stride, stride: 2 * stride, rows: rows / 2, count: count)
        let block = weightCount * count
        return [Float](unsafeUninitializedCapacity: lags * block) { out, filled in
          filled = lags * block
          for lag in 0..<lags {
            let own = lag % 2 == 0 ? even : odd
            Elementwise.sum(both, own, from: lag / 2 * block, count: block, to: out, at: lag * block)
          }
        }
      }
    }
  }

  /// The weights that each row meets at all lags, side by side.
  private static func stacked(_ weights: [Float], lags: Int, weightCount: Int, rows: Int) -> [Float] {
    let width = lags * weightCount
    return [Float](unsafeUninitializedCapacity: rows * width) { out, count in
      weights.withUnsafeBufferPointer { weights in
        for row in 0..<rows {
          let first = row * weightCount
          for column in 0..<width {
            out[row * width + column] = first + column < weights.count ? weights[first + column] : 0
          }
        }
      }
      count = rows * width
    }
  }
}
