import Base
import Kernels
import Layers

/// Finds promising centres and widths for every cell at once, before anything is fitted.
///
/// For each Gaussian of a grid the features are pooled, and each cell's counts regressed on them (least squares, a
/// little ridge): one Newton step from the constant rate. The Gaussians that explain most are where fits start.
struct ReadoutScreening {
  /// Where a fit starts.
  struct Start: Sendable {
    var mask: GaussianMask
    /// Feature weights and bias of the regression, on the scale of the pre-activation.
    var weights: [Double]
    var bias: Double
  }

  /// Centres on each axis at most.
  private static let centreLimit = 7
  /// Of the mean diagonal of the normal equations: keeps silent channels from breaking them.
  private static let ridge = 1e-4

  let channels: Int
  let height: Int
  let width: Int
  let masks: [GaussianMask]
  /// Masks with one centre have one number.
  let centres: [Int]

  /// - Parameter averagesSpace: the only mask is that of a linear readout.
  init(channels: Int, height: Int, width: Int, averagesSpace: Bool = false) {
    self.channels = channels
    self.height = height
    self.width = width
    guard !averagesSpace else {
      masks = [ReadoutParameters.uniformMask]
      centres = [0]
      return
    }
    let widths = [0.12, 0.25, 0.5].map { max(0.5, $0 * Double(max(height, width))) }
    var masks: [GaussianMask] = []
    var centres: [Int] = []
    for y in Self.positions(height) {
      for x in Self.positions(width) {
        let centre = (centres.last ?? -1) + 1
        for std in widths {
          masks.append(GaussianMask(meanY: y, meanX: x, stdY: std, stdX: std, theta: 0))
          centres.append(centre)
        }
      }
    }
    self.masks = masks
    self.centres = centres
  }

  private static func positions(_ size: Int) -> [Double] {
    let count = min(size, centreLimit)
    let spacing = Double(size) / Double(count)
    return (0..<count).map { (Double($0) + 0.5) * spacing - Double(size) / 2 }
  }

  /// Up to `count` starts for each cell: the best by regression with different centres, the last one drawn from all
  /// others by `seed`; then up to `reserve` more, the next best. None for a cell whose counts do not vary.
  func starts(
    _ blocks: inout FeatureBlocks, objective: ReadoutObjective, count: Int, reserve: Int = 0, seed: UInt32, work: Work
  ) throws -> [[Start]] {
    let regressions = try regress(&blocks, objective: objective, work: work)
    var generator = MersenneTwister(seed: seed)
    return objective.counts.indices.map { cell in
      let order = masks.indices.sorted { a, b in
        let first = regressions[a].explained[cell]
        let second = regressions[b].explained[cell]
        return first == second ? a < b : first > second
      }
      var chosen: [Int] = []
      for index in order where chosen.count < max(1, count - 1) {
        if !chosen.contains(where: { centres[$0] == centres[index] }) { chosen.append(index) }
      }
      // Drawn also where it is not needed, so that every cell has its own draw whatever the others do.
      let draw = generator.uniform()
      let others = masks.indices.filter { !chosen.contains($0) }
      if count > 1, !others.isEmpty { chosen.append(others[min(others.count - 1, Int(draw * Double(others.count)))]) }
      let wanted = chosen.count + reserve
      for index in order where chosen.count < wanted {
        if !chosen.contains(where: { centres[$0] == centres[index] }) { chosen.append(index) }
      }
      let baseline = objective.baselines.isEmpty ? 0 : objective.baselines[cell]
      return chosen.map { index in
        regressions[index].start(mask: masks[index], cell: cell, rates: objective.rates, baseline: baseline)
      }
    }
  }

  /// Regression of all cells on the features under one mask.
  private struct Regression: Sendable {
    /// By cell: the fall of the squared error over the mean rate.
    var explained: [Double]
    var weights: [[Double]]
    var means: [Double]
    var meanCounts: [Double]

    func start(mask: GaussianMask, cell: Int, rates: RateFunction, baseline: Double) -> Start {
      let preActivation = rates.output(ofRate: meanCounts[cell], baseline: baseline)
      let derivative = max(rates.slope(preActivation), 1e-3)
      let weights = weights[cell].map { $0 / derivative }
      return Start(
        mask: mask, weights: weights, bias: preActivation - zip(weights, means).reduce(0) { $0 + $1.0 * $1.1 })
    }
  }

  /// Sums over rows: by mask, products of the pooled channels with each other and with the cells' residual counts.
  private func regress(
    _ blocks: inout FeatureBlocks, objective: ReadoutObjective, work: Work
  ) throws -> [Regression] {
    let cells = objective.counts.count
    let pixels = height * width
    let meanCounts = (0..<cells).map { cell in
      var bins = 0.0
      var spikes = 0.0
      for (weight, count) in zip(objective.mask[cell], objective.counts[cell]) where weight > 0 {
        bins += Double(weight)
        spikes += Double(weight) * Double(count)
      }
      return max(bins > 0 ? spikes / bins : 0, 1e-6)
    }
    let maskValues = masks.map { $0.values(height: height, width: width).map { Float($0) } }
    var sums = [PooledSums](repeating: PooledSums(channels: channels, cells: cells), count: masks.count)
    var rows = 0.0
    try blocks.visit { block in
      rows += Double(block.count)
      // [row, cell]; the residuals sum to zero over a cell's valid bins.
      var residuals = [Float](repeating: 0, count: block.count * cells)
      for cell in 0..<cells {
        for row in 0..<block.count where objective.mask[cell][block.start + row] > 0 {
          residuals[row * cells + cell] =
            objective.mask[cell][block.start + row]
            * Float(Double(objective.counts[cell][block.start + row]) - meanCounts[cell])
        }
      }
      let before = sums
      let residualBlock = residuals
      sums = try Parallel.map(masks.count, work: work) { index in
        var pooled = [Float](repeating: 0, count: block.count * channels)
        BLAS.sgemv(
          rows: block.count * channels, columns: pixels, a: block.features, x: maskValues[index], y: &pooled)
        var sum = before[index]
        sum.add(pooled, residuals: residualBlock, rows: block.count, channels: channels, cells: cells)
        return sum
      }
    }
    let total = rows
    let all = sums
    return try Parallel.map(masks.count, work: work) { index in
      regression(all[index], rows: total, meanCounts: meanCounts, bins: objective.mask)
    }
  }

  private struct PooledSums: Sendable {
    /// `[channel, channel]`, `[channel]`, `[channel, cell]`
    var products: [Double]
    var totals: [Double]
    var cross: [Double]

    init(channels: Int, cells: Int) {
      products = [Double](repeating: 0, count: channels * channels)
      totals = [Double](repeating: 0, count: channels)
      cross = [Double](repeating: 0, count: channels * cells)
    }

    mutating func add(_ pooled: [Float], residuals: [Float], rows: Int, channels: Int, cells: Int) {
      var square = [Float](repeating: 0, count: channels * channels)
      BLAS.sgemm(m: channels, n: channels, k: rows, a: pooled, lda: channels, transposeA: true, b: pooled, c: &square)
      for place in square.indices { products[place] += Double(square[place]) }
      var product = [Float](repeating: 0, count: channels * cells)
      BLAS.sgemm(m: channels, n: cells, k: rows, a: pooled, lda: channels, transposeA: true, b: residuals, c: &product)
      for place in product.indices { cross[place] += Double(product[place]) }
      for row in 0..<rows {
        for channel in 0..<channels { totals[channel] += Double(pooled[row * channels + channel]) }
      }
    }
  }

  private func regression(_ sums: PooledSums, rows: Double, meanCounts: [Double], bins: [[Float]]) -> Regression {
    let cells = meanCounts.count
    let means = sums.totals.map { $0 / max(1, rows) }
    var matrix = sums.products
    for i in 0..<channels {
      for j in 0..<channels { matrix[i * channels + j] -= rows * means[i] * means[j] }
    }
    let trace = (0..<channels).reduce(0.0) { $0 + matrix[$1 * channels + $1] }
    for i in 0..<channels { matrix[i * channels + i] += Self.ridge * trace / Double(channels) + 1e-12 }
    var result = Regression(explained: [], weights: [], means: means, meanCounts: meanCounts)
    for cell in 0..<cells {
      let cross = (0..<channels).map { sums.cross[$0 * cells + cell] }
      // The normal equations of all rows stand for those of the cell's valid rows.
      let valid = bins[cell].reduce(0.0) { $0 + Double($1) } / max(1, rows)
      let weights =
        BLAS.dposv(matrix, cross)?.map { $0 / max(valid, 1e-6) } ?? [Double](repeating: 0, count: channels)
      result.weights.append(weights)
      result.explained.append(zip(weights, cross).reduce(0) { $0 + $1.0 * $1.1 })
    }
    return result
  }
}
