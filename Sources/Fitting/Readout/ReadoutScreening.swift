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
  /// Masks whose products are taken together, and rows that are.
  private static let rows = 512
  /// Rows that are enough to choose where fits start: so many, or so many times the channels.
  private static let enoughRows = 2048
  private static let enoughRowsByChannel = 16
  private static let batch = 16
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
  ///
  /// - Parameter savesRows: whether a part of the rows is enough.
  func starts(
    _ blocks: inout FeatureBlocks, objective: ReadoutObjective, constants: [ConstantRate], count: Int,
    reserve: Int = 0, savesRows: Bool, seed: UInt32, work: Work
  ) throws -> [[Start]] {
    let regressions = try regress(
      &blocks, objective: objective, constants: constants, savesRows: savesRows, work: work)
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
      return chosen.map { index in
        regressions[index].start(mask: masks[index], cell: cell, constant: constants[cell])
      }
    }
  }

  /// Regression of all cells on the features under one mask.
  private struct Regression: Sendable {
    /// By cell: the fall of the squared error over the mean rate.
    var explained: [Double]
    var weights: [[Double]]
    var means: [Double]

    func start(mask: GaussianMask, cell: Int, constant: ConstantRate) -> Start {
      let weights = weights[cell].map { $0 / max(constant.slope, 1e-3) }
      return Start(
        mask: mask, weights: weights, bias: constant.bias - zip(weights, means).reduce(0) { $0 + $1.0 * $1.1 })
    }
  }

  /// Sums over rows: by mask, products of the pooled channels with each other and with the cells' residual counts.
  private func regress(
    _ blocks: inout FeatureBlocks, objective: ReadoutObjective, constants: [ConstantRate], savesRows: Bool, work: Work
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
    let starts = Array(stride(from: 0, to: masks.count, by: Self.batch))
    let panels = starts.map { start in
      let values = masks[start..<min(masks.count, start + Self.batch)].map { $0.values(height: height, width: width) }
      return SmallProducts.Panel(pixels: pixels, columns: values.count) { values[$1][$0] }
    }
    // By cell: sum of the residuals; 0 where all rows are taken.
    var leftOver = [Double](repeating: 0, count: cells)
    var sums = [PooledSums](repeating: PooledSums(channels: channels, cells: cells), count: masks.count)
    var rows = 0.0
    let enough = savesRows ? max(Self.enoughRows, Self.enoughRowsByChannel * channels) : nil
    try blocks.visit(together: 1, rows: Self.rows, of: enough) { runs in
      let run = runs.flatMap { $0 }
      rows += Double(run.reduce(0) { $0 + $1.count })
      let residuals = run.map { unexplained($0, objective, constants, meanCounts) }
      for (block, residuals) in zip(run, residuals) {
        for row in 0..<block.count {
          for cell in 0..<cells { leftOver[cell] += Double(residuals[row * (cells + 1) + cell]) }
        }
      }
      let before = sums
      sums = try Parallel.map(starts.count, work: work) { place in
        var own = Array(before[starts[place]..<min(before.count, starts[place] + Self.batch)])
        var parts = own.map { _ in PooledSums.Part(channels: channels, cells: cells) }
        for (block, residuals) in zip(run, residuals) {
          let size = block.count * channels
          // [mask, row, channel]
          var pooled = Elementwise.unfilled(own.count * size)
          for row in 0..<block.count {
            SmallProducts.project(
              block.features, offset: block.offset + row * channels * pixels, distance: pixels, rows: channels,
              on: panels[place],
              to: &pooled, outOffset: row * channels, rowStep: 1, columnStep: size)
          }
          for index in own.indices {
            parts[index].add(pooled, at: index * size, residuals: residuals, rows: block.count)
          }
        }
        for index in own.indices { own[index].add(parts[index]) }
        return own
      }.flatMap { $0 }
    }
    let total = rows
    let all = sums
    let rest = leftOver
    return try Parallel.map(masks.count, work: work) { index in
      regression(all[index], rows: total, leftOver: rest, bins: objective.mask)
    }
  }

  /// `[row, cell + 1]`; they sum to zero over all of a cell's valid bins. The last column is 1.
  private func unexplained(
    _ block: FeatureBlocks.Block, _ objective: ReadoutObjective, _ constants: [ConstantRate], _ meanCounts: [Double]
  ) -> [Float] {
    let cells = meanCounts.count
    var residuals = [Float](repeating: 1, count: block.count * (cells + 1))
    for cell in 0..<cells {
      for row in 0..<block.count {
        let mask = objective.mask[cell][block.start + row]
        residuals[row * (cells + 1) + cell] =
          mask > 0
          ? mask
            * Float(
              Double(objective.counts[cell][block.start + row])
                - (constants[cell].rates?[block.start + row] ?? meanCounts[cell])) : 0
      }
    }
    return residuals
  }

  /// Sums over rows of pooled channels: their products with each other, of which only the lower triangle is read, with the cells'
  /// residuals, and themselves.
  private struct PooledSums: Sendable {
    let channels: Int
    let cells: Int
    /// `[channel, channel]`
    var products: [Double]
    /// `[channel, cell + 1]`, the sum of the channel last.
    var cross: [Double]

    init(channels: Int, cells: Int) {
      self.channels = channels
      self.cells = cells
      products = [Double](repeating: 0, count: channels * channels)
      cross = [Double](repeating: 0, count: channels * (cells + 1))
    }

    func total(_ channel: Int) -> Double { cross[channel * (cells + 1) + cells] }

    /// The same over a limited number of rows, in single precision.
    struct Part {
      private let channels: Int
      private let columns: Int
      private(set) var products: [Float]
      private(set) var cross: [Float]

      init(channels: Int, cells: Int) {
        self.channels = channels
        columns = cells + 1
        products = [Float](repeating: 0, count: channels * channels)
        cross = [Float](repeating: 0, count: channels * columns)
      }

      /// - Parameter first: where the rows of this mask begin.
      mutating func add(_ pooled: [Float], at first: Int, residuals: [Float], rows: Int) {
        SmallProducts.addLower(
          size: channels, columns: channels, k: rows, a: pooled, aOffset: first, lda: channels, b: pooled,
          bOffset: first, ldb: channels, to: &products, ldc: channels)
        SmallProducts.add(
          m: channels, n: columns, k: rows, a: pooled, aOffset: first, lda: channels, b: residuals, ldb: columns,
          to: &cross, ldc: columns)
      }
    }

    mutating func add(_ part: Part) {
      for place in products.indices { products[place] += Double(part.products[place]) }
      for place in cross.indices { cross[place] += Double(part.cross[place]) }
    }
  }

  /// - Parameter leftOver: sum of each cell's residuals.
  private func regression(_ sums: PooledSums, rows: Double, leftOver: [Double], bins: [[Float]]) -> Regression {
    let cells = bins.count
    let means = (0..<channels).map { sums.total($0) / max(1, rows) }
    var matrix = sums.products
    for i in 0..<channels {
      for j in 0...i { matrix[i * channels + j] -= rows * means[i] * means[j] }
    }
    let trace = (0..<channels).reduce(0.0) { $0 + matrix[$1 * channels + $1] }
    for i in 0..<channels { matrix[i * channels + i] += Self.ridge * trace / Double(channels) + 1e-12 }
    var result = Regression(explained: [], weights: [], means: means)
    // The last column has no use here.
    let columns = cells + 1
    var right = sums.cross
    for channel in 0..<channels {
      for cell in 0..<cells { right[channel * columns + cell] -= means[channel] * leftOver[cell] }
    }
    let solved = BLAS.dposv(matrix, right, columns: columns)
    for cell in 0..<cells {
      let cross = (0..<channels).map { right[$0 * columns + cell] }
      // The normal equations of all rows stand for those of the cell's valid rows.
      let valid = bins[cell].reduce(0.0) { $0 + Double($1) } / max(1, rows)
      let weights =
        solved.map { solved in (0..<channels).map { solved[$0 * columns + cell] / max(valid, 1e-6) } }
        ?? [Double](repeating: 0, count: channels)
      result.weights.append(weights)
      result.explained.append(zip(weights, cross).reduce(0) { $0 + $1.0 * $1.1 })
    }
    return result
  }
}
