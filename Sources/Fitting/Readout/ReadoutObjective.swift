import Base
import Kernels

/// Loss, gradient and Fisher information of one readout: sums over bins, not means.
package struct ReadoutSums: Sendable {
  /// Sum of the mask.
  package var bins = 0.0
  package var spikes = 0.0
  /// Sum of d (r - y ln(r + 1e-8)).
  package var loss = 0.0
  /// Sum over bins of the squared derivative of the loss with respect to the pre-activation (what softplus is taken of).
  /// 0 where derivatives were not asked for.
  package var preActivationSquares = 0.0
  /// By parameter.
  package var gradient: [Double]
  /// Fisher information, symmetric, row-major; only the lower triangle is read.
  package var information: [Double]

  package init(parameters: Int, derivatives: Bool) {
    gradient = [Double](repeating: 0, count: parameters)
    self.information = [Double](repeating: 0, count: derivatives ? parameters * parameters : 0)
  }

  package mutating func add(_ other: ReadoutSums) {
    bins += other.bins
    spikes += other.spikes
    loss += other.loss
    preActivationSquares += other.preActivationSquares
    for index in gradient.indices { gradient[index] += other.gradient[index] }
    for index in information.indices { information[index] += other.information[index] }
  }
}

/// The masked Poisson loss of Gaussian readouts on blocks of features.
///
/// rate = softplus(sum_c w_c sum_p F_cp G_p + bias). Many readouts are evaluated together: every block of features is
/// read once for all of them, and the work is in two matrix products. Features times masks are the pooled channels, the
/// derivatives with respect to the weights. Weights times features are the weighted map; times the masks' gradients it
/// gives the derivatives with respect to centre, widths and angle.
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
  /// - Parameter derivatives: whether gradients and Fisher information are needed; else only the loss is computed.
  package func evaluate(
    _ items: [Item], on blocks: inout FeatureBlocks, derivatives: Bool, work: Work
  ) throws -> [ReadoutSums] {
    let parameters = channels + ReadoutParameters.extraCount
    var sums = [ReadoutSums](
      repeating: ReadoutSums(parameters: parameters, derivatives: derivatives), count: items.count)
    let batches = stride(from: 0, to: items.count, by: Self.batch).map {
      ReadoutBatch(self, Array(items[$0..<min(items.count, $0 + Self.batch)]), derivatives: derivatives)
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
  let derivatives: Bool
  /// `[pixel, item]`
  let masks: [Float]
  /// `[item][pixel, 5]`
  let maskGradients: [[Float]]
  /// `[item, channel]`
  let weights: [Float]

  init(_ objective: ReadoutObjective, _ items: [ReadoutObjective.Item], derivatives: Bool) {
    self.objective = objective
    self.items = items
    self.derivatives = derivatives
    let pixels = objective.height * objective.width
    var masks = [Float](repeating: 0, count: pixels * items.count)
    var gradients: [[Float]] = []
    for (index, item) in items.enumerated() {
      let mask = item.parameters.mask
      let values = mask.values(height: objective.height, width: objective.width)
      for pixel in 0..<pixels { masks[pixel * items.count + index] = Float(values[pixel]) }
      if derivatives {
        gradients.append(mask.gradients(values, height: objective.height, width: objective.width).map { Float($0) })
      }
    }
    self.masks = masks
    maskGradients = gradients
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
    if derivatives {
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
    var sums = ReadoutSums(parameters: width, derivatives: derivatives)

    var shape: [Float] = []
    if derivatives {
      shape = [Float](repeating: 0, count: block.count * 5)
      BLAS.sgemm(
        m: block.count, n: 5, k: pixels, a: maps, aOffset: item * pixels, lda: count * pixels, b: maskGradients[item],
        c: &shape)
    }
    // Gradients of the pre-activation, a row for each valid bin, and the same times the root of the bin's information.
    var design: [Float] = []
    var scaled: [Float] = []
    var residuals: [Float] = []
    if derivatives {
      design.reserveCapacity(block.count * width)
      scaled.reserveCapacity(block.count * width)
      residuals.reserveCapacity(block.count)
    }
    var line = [Float](repeating: 1, count: width)
    for row in 0..<block.count {
      let weight = Double(mask[block.start + row])
      guard weight > 0 else { continue }
      let count = Double(counts[block.start + row])
      var preActivation = bias
      for channel in 0..<channels {
        let value = pooled[(row * channels + channel) * items.count + item]
        line[channel] = value
        preActivation += weights[channel] * Double(value)
      }
      let rate = Softplus.value(preActivation)
      sums.bins += weight
      sums.spikes += weight * count
      sums.loss += weight * PoissonLikelihood.loss(rate: rate, count: count)
      guard derivatives else { continue }
      for index in 0..<5 { line[channels + 1 + index] = shape[row * 5 + index] }
      let gradient = Softplus.derivative(preActivation)
      let residual = weight * PoissonLikelihood.derivative(rate: rate, count: count) * gradient
      let root = Float((weight * gradient * gradient / (rate + PoissonLikelihood.epsilon)).squareRoot())
      sums.preActivationSquares += residual * residual
      residuals.append(Float(residual))
      design.append(contentsOf: line)
      for value in line { scaled.append(root * value) }
    }
    guard derivatives, !residuals.isEmpty else { return sums }

    var gradient = [Float](repeating: 0, count: width)
    BLAS.sgemv(rows: residuals.count, columns: width, a: design, transpose: true, x: residuals, y: &gradient)
    var information = [Float](repeating: 0, count: width * width)
    BLAS.sgemm(
      m: width, n: width, k: residuals.count, a: scaled, lda: width, transposeA: true, b: scaled, c: &information)
    sums.gradient = gradient.map(Double.init)
    sums.information = information.map(Double.init)
    return sums
  }
}
