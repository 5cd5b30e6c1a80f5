import Base
import Kernels

/// Loss, slope and curvature of one readout over some bins: sums, not means.
package struct ReadoutSums: Sendable {
  /// Sum of the mask.
  package var bins = 0.0
  package var spikes = 0.0
  /// Sum of d (r - y ln(r + 1e-8)).
  package var loss = 0.0
  /// Sum over bins of the squared slope in the drive (what softplus is taken of). 0 where slopes were not asked for.
  package var driveSquares = 0.0
  /// By parameter.
  package var slope: [Double]
  /// Expected curvature (Fisher information), symmetric, row-major; the lower triangle counts.
  package var curvature: [Double]

  package init(parameters: Int, curvature: Bool) {
    slope = [Double](repeating: 0, count: parameters)
    self.curvature = [Double](repeating: 0, count: curvature ? parameters * parameters : 0)
  }

  package mutating func add(_ other: ReadoutSums) {
    bins += other.bins
    spikes += other.spikes
    loss += other.loss
    driveSquares += other.driveSquares
    for index in slope.indices { slope[index] += other.slope[index] }
    for index in curvature.indices { curvature[index] += other.curvature[index] }
  }
}

/// The masked Poisson loss of Gaussian readouts on blocks of features.
///
/// rate = softplus(sum_c w_c sum_p F_cp G_p + bias). Many readouts are evaluated together, so that every block of
/// features is read once for all of them and the work is in matrix products: features times masks gives the pooled
/// channels (the slope in the weights), weights times features the weighted map (times the masks' slopes: the slope in
/// centre, widths and angle).
package struct ReadoutObjective: Sendable {
  package struct Item: Sendable {
    package var cell: Int
    package var parameters: ReadoutParameters

    package init(cell: Int, parameters: ReadoutParameters) {
      self.cell = cell
      self.parameters = parameters
    }
  }

  /// Readouts in one task. Fixed, so that results do not depend on the number of cores.
  private static let batch = 8

  package let channels: Int
  package let height: Int
  package let width: Int
  /// Counts and mask by cell over the chosen rows.
  package let counts: [[Float]]
  package let mask: [[Float]]

  package init(channels: Int, height: Int, width: Int, counts: [[Float]], mask: [[Float]]) {
    self.channels = channels
    self.height = height
    self.width = width
    self.counts = counts
    self.mask = mask
  }

  /// Sums of `items` over all blocks.
  ///
  /// - Parameter curvature: also slopes and curvature; else the loss alone.
  package func evaluate(
    _ items: [Item], on blocks: inout FeatureBlocks, curvature: Bool, work: Work
  ) throws -> [ReadoutSums] {
    let parameters = channels + ReadoutParameters.extraCount
    var sums = [ReadoutSums](repeating: ReadoutSums(parameters: parameters, curvature: curvature), count: items.count)
    let batches = stride(from: 0, to: items.count, by: Self.batch).map {
      ReadoutBatch(self, Array(items[$0..<min(items.count, $0 + Self.batch)]), curvature: curvature)
    }
    try blocks.visit { block in
      let parts = try Parallel.map(batches.count, work: work) { batches[$0].evaluate(block) }
      for (index, part) in parts.joined().enumerated() { sums[index].add(part) }
    }
    return sums
  }
}

/// A few readouts whose products are taken together.
private struct ReadoutBatch: Sendable {
  let objective: ReadoutObjective
  let items: [ReadoutObjective.Item]
  let curvature: Bool
  /// `[pixel, item]`
  let masks: [Float]
  /// `[item][pixel, 5]`
  let maskSlopes: [[Float]]
  /// `[item, channel]`
  let weights: [Float]

  init(_ objective: ReadoutObjective, _ items: [ReadoutObjective.Item], curvature: Bool) {
    self.objective = objective
    self.items = items
    self.curvature = curvature
    let pixels = objective.height * objective.width
    var masks = [Float](repeating: 0, count: pixels * items.count)
    var slopes: [[Float]] = []
    for (index, item) in items.enumerated() {
      let mask = item.parameters.mask
      let values = mask.values(height: objective.height, width: objective.width)
      for pixel in 0..<pixels { masks[pixel * items.count + index] = Float(values[pixel]) }
      if curvature {
        slopes.append(mask.slopes(values, height: objective.height, width: objective.width).map { Float($0) })
      }
    }
    self.masks = masks
    maskSlopes = slopes
    weights = items.flatMap { $0.parameters.weights.map { Float($0) } }
  }

  func evaluate(_ block: FeatureBlocks.Block) -> [ReadoutSums] {
    let channels = objective.channels
    let pixels = objective.height * objective.width
    let count = items.count
    // [row, channel, item]
    var pooled = [Float](repeating: 0, count: block.count * channels * count)
    BLAS.sgemm(m: block.count * channels, n: count, k: pixels, a: block.features, b: masks, c: &pooled)
    // [row, item, pixel]
    var maps: [Float] = []
    if curvature {
      maps = [Float](repeating: 0, count: block.count * count * pixels)
      for row in 0..<block.count {
        BLAS.sgemm(
          m: count, n: pixels, k: channels, a: weights, b: block.features, bOffset: row * channels * pixels, c: &maps,
          cOffset: row * count * pixels)
      }
    }
    return items.indices.map { evaluate(item: $0, block, pooled: pooled, maps: maps) }
  }

  private func evaluate(item: Int, _ block: FeatureBlocks.Block, pooled: [Float], maps: [Float]) -> ReadoutSums {
    let channels = objective.channels
    let pixels = objective.height * objective.width
    let count = items.count
    let width = channels + ReadoutParameters.extraCount
    let counts = objective.counts[items[item].cell]
    let mask = objective.mask[items[item].cell]
    let weights = items[item].parameters.weights
    let bias = items[item].parameters.bias
    var sums = ReadoutSums(parameters: width, curvature: curvature)

    var shape: [Float] = []
    if curvature {
      shape = [Float](repeating: 0, count: block.count * 5)
      BLAS.sgemm(
        m: block.count, n: 5, k: pixels, a: maps, aOffset: item * pixels, lda: count * pixels, b: maskSlopes[item],
        c: &shape)
    }
    // Slopes of the drive, a row for each valid bin, and the same times the root of the bin's information.
    var design: [Float] = []
    var scaled: [Float] = []
    var residuals: [Float] = []
    if curvature {
      design.reserveCapacity(block.count * width)
      scaled.reserveCapacity(block.count * width)
      residuals.reserveCapacity(block.count)
    }
    var line = [Float](repeating: 1, count: width)
    for row in 0..<block.count {
      let weight = Double(mask[block.start + row])
      guard weight > 0 else { continue }
      let count = Double(counts[block.start + row])
      var drive = bias
      for channel in 0..<channels {
        let value = pooled[(row * channels + channel) * items.count + item]
        line[channel] = value
        drive += weights[channel] * Double(value)
      }
      let rate = Softplus.value(drive)
      sums.bins += weight
      sums.spikes += weight * count
      sums.loss += weight * PoissonLikelihood.loss(rate: rate, count: count)
      guard curvature else { continue }
      for index in 0..<5 { line[channels + 1 + index] = shape[row * 5 + index] }
      let slope = Softplus.slope(drive)
      let residual = weight * PoissonLikelihood.slope(rate: rate, count: count) * slope
      let root = Float((weight * slope * slope / (rate + PoissonLikelihood.epsilon)).squareRoot())
      sums.driveSquares += residual * residual
      residuals.append(Float(residual))
      design.append(contentsOf: line)
      for value in line { scaled.append(root * value) }
    }
    guard curvature, !residuals.isEmpty else { return sums }

    var slope = [Float](repeating: 0, count: width)
    BLAS.sgemv(rows: residuals.count, columns: width, a: design, transpose: true, x: residuals, y: &slope)
    var information = [Float](repeating: 0, count: width * width)
    BLAS.sgemm(
      m: width, n: width, k: residuals.count, a: scaled, lda: width, transposeA: true, b: scaled, c: &information)
    sums.slope = slope.map(Double.init)
    sums.curvature = information.map(Double.init)
    return sums
  }
}
