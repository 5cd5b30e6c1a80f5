import Base
import Kernels

/// A few readouts whose products are taken together.
struct ReadoutBatch: Sendable {
  let objective: ReadoutObjective
  let items: [ReadoutObjective.Item]
  let derivatives: Bool
  /// `[item, pixel]`
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
    var masks: [Float] = []
    var gradients: [[Float]] = []
    var curvatures: [[Float]] = []
    for item in items {
      let mask = item.parameters.mask
      let values = mask.values(height: objective.height, width: objective.width)
      masks += values.map { Float($0) }
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

  private var channels: Int { objective.channels }
  private var pixels: Int { objective.height * objective.width }
  private var movesPlace: Bool { derivatives && objective.movesPlace }

  /// Sums over some blocks of rows, taken in single precision.
  func evaluate(_ blocks: [FeatureBlocks.Block]) -> [ReadoutSums] {
    var sums = items.map { _ in
      ReadoutSums(
        parameters: channels + ReadoutParameters.extraCount, derivatives: derivatives,
        correlates: objective.correlates, curves: objective.movesPlace)
    }
    let rows = blocks.reduce(0) { max($0, $1.count) }
    // [item, row, channel]
    var pooled = Elementwise.unfilled(items.count * rows * channels)
    // [row, item, pixel]
    var maps = movesPlace ? Elementwise.unfilled(rows * items.count * pixels) : []
    // [item, channel, pixel]: features times d loss / d output.
    var totals = [Float](repeating: 0, count: movesPlace ? items.count * channels * pixels : 0)
    var grams = items.map { _ in
      ReadoutGrams(width: channels + ReadoutParameters.extraCount, derivatives: derivatives, objective.correlates)
    }
    for block in blocks {
      BLAS.sgemm(
        m: items.count, n: block.count * channels, k: pixels, a: masks, b: block.features, transposeB: true, c: &pooled)
      if movesPlace {
        for row in 0..<block.count {
          BLAS.sgemm(
            m: items.count, n: pixels, k: channels, a: weights, b: block.features, bOffset: row * channels * pixels,
            c: &maps, cOffset: row * items.count * pixels)
        }
      }
      // [row, item]: d loss / d output
      var residuals = [Float](repeating: 0, count: block.count * items.count)
      for item in items.indices {
        add(block, item: item, pooled: pooled, maps: maps, residuals: &residuals, to: &sums[item], &grams[item])
      }
      if movesPlace {
        BLAS.sgemm(
          m: items.count, n: channels * pixels, k: block.count, a: residuals, lda: items.count, transposeA: true,
          b: block.features, beta: 1, c: &totals)
      }
    }
    for item in items.indices {
      grams[item].finish(&sums[item])
      if movesPlace { addCurvature(item: item, totals, to: &sums[item]) }
    }
    return sums
  }

  /// Adds the outputs' second derivatives, each bin's times d loss / d output: the masks' derivatives are applied to the sum of
  /// the features with these factors.
  private func addCurvature(item: Int, _ totals: [Float], to sums: inout ReadoutSums) {
    let size = channels + ReadoutParameters.extraCount
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
      for channel in 0..<channels { sums.curvature[line + channel] += Double(mixed[channel * 5 + i]) }
      for j in 0...i {
        sums.curvature[line + channels + 1 + j] += Double(place[pair])
        pair += 1
      }
    }
  }

  /// Adds one readout's rows of a block.
  private func add(
    _ block: FeatureBlocks.Block, item: Int, pooled: [Float], maps: [Float], residuals factors: inout [Float],
    to sums: inout ReadoutSums, _ grams: inout ReadoutGrams
  ) {
    let cell = items[item].cell
    let counts = objective.counts[cell]
    let mask = objective.mask[cell]
    let offsets = objective.offsets.isEmpty ? nil : objective.offsets[cell]
    let weights = Array(items[item].parameters.weights)
    let rows = (0..<block.count).filter { mask[block.start + $0] > 0 }
    let first = item * block.count * channels
    let outputs = rows.map { row in
      var output = items[item].parameters.bias
      for channel in 0..<channels { output += weights[channel] * Double(pooled[first + row * channels + channel]) }
      return offsets.map { output + Double($0[block.start + row]) } ?? output
    }
    let observed = rows.map { Double(counts[block.start + $0]) }
    let terms = objective.rates.terms(
      outputs, counts: observed, baseline: objective.baselines.isEmpty ? 0 : objective.baselines[cell])
    for (place, row) in rows.enumerated() {
      let weight = Double(mask[block.start + row])
      sums.bins += weight
      sums.spikes += weight * observed[place]
      sums.loss += weight * terms[place].loss
      sums.correlation.add(rate: terms[place].rate, count: observed[place])
    }
    guard derivatives, !rows.isEmpty else { return }

    var shape: [Float] = []
    if objective.movesPlace {
      shape = [Float](repeating: 0, count: block.count * 5)
      BLAS.sgemm(
        m: block.count, n: 5, k: pixels, a: maps, aOffset: item * pixels, lda: items.count * pixels,
        b: maskGradients[item], c: &shape)
    }
    let gradients = outputGradients(rows: rows, pooled: pooled, first: first, shape: shape)
    let valid = rows.map { Double(mask[block.start + $0]) }
    let residuals = zip(valid, terms).map { $0 * $1.residual }
    for (place, row) in rows.enumerated() { factors[row * items.count + item] = Float(residuals[place]) }
    sums.preActivationSquares += residuals.reduce(0) { $0 + $1 * $1 }
    grams.add(gradients, residuals: residuals, valid: valid, terms: terms, counts: observed)
  }

  /// Gradients of the readout's output, a row for each valid bin: weights, bias, centre, widths, angle.
  private func outputGradients(rows: [Int], pooled: [Float], first: Int, shape: [Float]) -> [Float] {
    let width = channels + ReadoutParameters.extraCount
    var gradients: [Float] = []
    gradients.reserveCapacity(rows.count * width)
    for row in rows {
      gradients.append(contentsOf: pooled[first + row * channels..<first + (row + 1) * channels])
      gradients.append(1)
      if shape.isEmpty {
        for _ in 0..<5 { gradients.append(0) }
      } else {
        gradients.append(contentsOf: shape[row * 5..<(row + 1) * 5])
      }
    }
    return gradients
  }
}
