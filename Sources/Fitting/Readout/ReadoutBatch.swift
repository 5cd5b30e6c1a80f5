import Base
import Kernels

/// A few readouts whose products are taken together.
struct ReadoutBatch: Sendable {
  let objective: ReadoutObjective
  let items: [ReadoutObjective.Item]
  let derivatives: Bool
  /// `[pixel, item]`
  let masks: [Float]
  /// `[item][pixel, 5]`
  let maskGradients: [[Float]]
  /// `[item][pixel, 15]`
  let maskCurvatures: [[Float]]
  /// `[item, channel]`
  let weights: [Float]

  init(_ objective: ReadoutObjective, _ items: [ReadoutObjective.Item], derivatives: Bool) {
    self.objective = objective
    self.items = items
    self.derivatives = derivatives
    let pixels = objective.height * objective.width
    var masks = [Float](repeating: 0, count: pixels * items.count)
    var gradients: [[Float]] = []
    var curvatures: [[Float]] = []
    for (index, item) in items.enumerated() {
      let mask = item.parameters.mask
      let values = mask.values(height: objective.height, width: objective.width)
      for pixel in 0..<pixels { masks[pixel * items.count + index] = Float(values[pixel]) }
      if derivatives, objective.movesPlace {
        gradients.append(mask.gradients(values, height: objective.height, width: objective.width).map { Float($0) })
        curvatures.append(
          mask.secondDerivatives(values, height: objective.height, width: objective.width).map { Float($0) })
      }
    }
    self.masks = masks
    maskGradients = gradients
    maskCurvatures = curvatures
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
    if derivatives, objective.movesPlace {
      maps = [Float](repeating: 0, count: block.count * count * pixels)
      for row in 0..<block.count {
        BLAS.sgemm(
          m: count, n: pixels, k: channels, a: weights, b: block.features, bOffset: row * channels * pixels, c: &maps,
          cOffset: row * count * pixels)
      }
    }
    // [row, item]: d loss / d output
    var residuals = [Float](repeating: 0, count: block.count * count)
    var sums = items.indices.map { evaluate(item: $0, block, pooled: pooled, maps: maps, residuals: &residuals) }
    if derivatives, objective.movesPlace { addCurvature(&sums, block, residuals: residuals) }
    return sums
  }

  /// Adds the outputs' second derivatives, each bin's times d loss / d output: first the features are summed with these
  /// factors, then the masks' derivatives are applied to the sum.
  private func addCurvature(_ sums: inout [ReadoutSums], _ block: FeatureBlocks.Block, residuals: [Float]) {
    let channels = objective.channels
    let pixels = objective.height * objective.width
    let size = channels + ReadoutParameters.extraCount
    // [item, channel, pixel]
    var totals = [Float](repeating: 0, count: items.count * channels * pixels)
    BLAS.sgemm(
      m: items.count, n: channels * pixels, k: block.count, a: residuals, lda: items.count, transposeA: true,
      b: block.features, c: &totals)
    for item in items.indices {
      // [channel, 5]: a feature weight with centre, widths or angle.
      var mixed = [Float](repeating: 0, count: channels * 5)
      BLAS.sgemm(
        m: channels, n: 5, k: pixels, a: totals, aOffset: item * channels * pixels, b: maskGradients[item], c: &mixed)
      var map = [Float](repeating: 0, count: pixels)
      BLAS.sgemm(
        m: 1, n: pixels, k: channels, a: weights, aOffset: item * channels, b: totals,
        bOffset: item * channels * pixels, c: &map)
      var place = [Float](repeating: 0, count: 15)
      BLAS.sgemm(m: 1, n: 15, k: pixels, a: map, b: maskCurvatures[item], c: &place)
      var pair = 0
      for i in 0..<5 {
        let line = (channels + 1 + i) * size
        for channel in 0..<channels { sums[item].curvature[line + channel] += Double(mixed[channel * 5 + i]) }
        for j in 0...i {
          sums[item].curvature[line + channels + 1 + j] += Double(place[pair])
          pair += 1
        }
      }
    }
  }

  private func evaluate(
    item: Int, _ block: FeatureBlocks.Block, pooled: [Float], maps: [Float], residuals factors: inout [Float]
  ) -> ReadoutSums {
    let channels = objective.channels
    let pixels = objective.height * objective.width
    let cell = items[item].cell
    let counts = objective.counts[cell]
    let mask = objective.mask[cell]
    let offsets = objective.offsets.isEmpty ? nil : objective.offsets[cell]
    let weights = items[item].parameters.weights
    let rows = (0..<block.count).filter { mask[block.start + $0] > 0 }
    let outputs = rows.map { row in
      var output = items[item].parameters.bias
      for channel in 0..<channels {
        output += weights[channel] * Double(pooled[(row * channels + channel) * items.count + item])
      }
      return offsets.map { output + Double($0[block.start + row]) } ?? output
    }
    let observed = rows.map { Double(counts[block.start + $0]) }
    let terms = objective.rates.terms(
      outputs, counts: observed, baseline: objective.baselines.isEmpty ? 0 : objective.baselines[cell])
    var sums = ReadoutSums(
      parameters: channels + ReadoutParameters.extraCount, derivatives: derivatives, correlates: objective.correlates,
      curves: objective.movesPlace)
    for (place, row) in rows.enumerated() {
      let weight = Double(mask[block.start + row])
      sums.bins += weight
      sums.spikes += weight * observed[place]
      sums.loss += weight * terms[place].loss
      sums.correlation.add(rate: terms[place].rate, count: observed[place])
    }
    guard derivatives, !rows.isEmpty else { return sums }

    var shape: [Float] = []
    if objective.movesPlace {
      shape = [Float](repeating: 0, count: block.count * 5)
      BLAS.sgemm(
        m: block.count, n: 5, k: pixels, a: maps, aOffset: item * pixels, lda: items.count * pixels,
        b: maskGradients[item], c: &shape)
    }
    let gradients = outputGradients(item: item, rows: rows, pooled: pooled, shape: shape)
    let valid = rows.map { Double(mask[block.start + $0]) }
    let residuals = zip(valid, terms).map { $0 * $1.residual }
    for (place, row) in rows.enumerated() { factors[row * items.count + item] = Float(residuals[place]) }
    sums.preActivationSquares = residuals.reduce(0) { $0 + $1 * $1 }
    sums.gradient = product(gradients, residuals)
    sums.information = gram(gradients, scales: zip(valid, terms).map { ($0 * $1.information).squareRoot() })
    if objective.correlates {
      sums.rateGradients = .init(
        plain: product(gradients, terms.map(\.slope)), byRate: product(gradients, terms.map { $0.rate * $0.slope }),
        byCount: product(gradients, zip(terms, observed).map { $0.slope * $1 }),
        squares: gram(gradients, scales: terms.map { abs($0.slope) }))
    }
    return sums
  }

  /// Gradients of the readout's output, a row for each valid bin: weights, bias, centre, widths, angle.
  private func outputGradients(item: Int, rows: [Int], pooled: [Float], shape: [Float]) -> [Float] {
    let channels = objective.channels
    let width = channels + ReadoutParameters.extraCount
    var gradients: [Float] = []
    gradients.reserveCapacity(rows.count * width)
    var line = [Float](repeating: 0, count: width)
    line[channels] = 1
    for row in rows {
      for channel in 0..<channels { line[channel] = pooled[(row * channels + channel) * items.count + item] }
      if !shape.isEmpty { for index in 0..<5 { line[channels + 1 + index] = shape[row * 5 + index] } }
      gradients.append(contentsOf: line)
    }
    return gradients
  }

  /// Sum over rows of each row times its factor.
  private func product(_ rows: [Float], _ factors: [Double]) -> [Double] {
    let width = objective.channels + ReadoutParameters.extraCount
    var sum = [Float](repeating: 0, count: width)
    BLAS.sgemv(
      rows: factors.count, columns: width, a: rows, transpose: true, x: factors.map { Float($0) }, y: &sum)
    return sum.map(Double.init)
  }

  /// Sum over rows of the products of each row, scaled, with itself.
  private func gram(_ rows: [Float], scales: [Double]) -> [Double] {
    let width = objective.channels + ReadoutParameters.extraCount
    var scaled = rows
    for (place, scale) in scales.enumerated() {
      let factor = Float(scale)
      for index in place * width..<(place + 1) * width { scaled[index] *= factor }
    }
    var sum = [Float](repeating: 0, count: width * width)
    BLAS.sgemm(
      m: width, n: width, k: scales.count, a: scaled, lda: width, transposeA: true, b: scaled, c: &sum)
    return sum.map(Double.init)
  }
}
