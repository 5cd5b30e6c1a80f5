import Base
import Kernels

/// A few readouts whose products are taken together.
struct ReadoutBatch: Sendable {
  let objective: ReadoutObjective
  let items: [ReadoutObjective.Item]
  let derivatives: Bool
  /// The items whose outputs' second derivatives are summed.
  private let curving: [Int]
  private let masks: SmallProducts.Panel
  /// By item: five columns.
  private let maskGradients: [SmallProducts.Panel]
  /// By item of `curving`: fifteen columns.
  private let maskCurvatures: [SmallProducts.Panel]
  private let weights: [[Double]]
  /// `[channel, item]`
  private let weightColumns: [Float]

  init(_ objective: ReadoutObjective, _ items: [ReadoutObjective.Item], derivatives: Bool) {
    self.objective = objective
    self.items = items
    self.derivatives = derivatives
    curving = derivatives && objective.movesPlace ? items.indices.filter { items[$0].curves } : []
    let (height, width) = (objective.height, objective.width)
    var masks: [[Double]] = []
    var gradients: [SmallProducts.Panel] = []
    var curvatures: [SmallProducts.Panel] = []
    for item in items {
      let mask = item.parameters.mask
      let values = mask.values(height: height, width: width)
      masks.append(values)
      guard derivatives, objective.movesPlace else { continue }
      let first =
        item.shears
        ? mask.shapeGradients(values, height: height, width: width)
        : mask.gradients(values, height: height, width: width)
      gradients.append(.init(pixels: height * width, columns: 5) { first[$0 * 5 + $1] })
      guard item.curves else { continue }
      let second =
        item.shears
        ? mask.shapeSecondDerivatives(values, height: height, width: width)
        : mask.secondDerivatives(values, height: height, width: width)
      curvatures.append(.init(pixels: height * width, columns: 15) { second[$0 * 15 + $1] })
    }
    self.masks = .init(pixels: height * width, columns: items.count) { masks[$1][$0] }
    maskGradients = gradients
    maskCurvatures = curvatures
    let weights = items.map { Array($0.parameters.weights) }
    self.weights = weights
    weightColumns = (0..<objective.channels).flatMap { channel in weights.map { Float($0[channel]) } }
  }

  private var channels: Int { objective.channels }
  private var pixels: Int { objective.height * objective.width }
  private var width: Int { channels + ReadoutParameters.extraCount }
  private var movesPlace: Bool { derivatives && objective.movesPlace }

  /// Sums over some blocks of rows, taken in single precision.
  func evaluate(_ blocks: [FeatureBlocks.Block]) -> [ReadoutSums] {
    var sums = items.map {
      ReadoutSums(
        parameters: width, derivatives: derivatives, correlates: objective.correlates,
        curves: movesPlace && $0.curves)
    }
    let rows = blocks.reduce(0) { max($0, $1.count) }
    let stride = ReadoutGrams.stride(width)
    // [item, row, stride]: gradients of the outputs by weights, bias, centre, widths and angle, then zeros.
    var gradients = [Float](repeating: 0, count: items.count * rows * stride)
    for row in 0..<items.count * rows { gradients[row * stride + channels] = 1 }
    // [curving item, channel, pixel]: features times d loss / d output.
    var totals = [Float](repeating: 0, count: curving.count * channels * pixels)
    var grams = items.map { _ in
      ReadoutGrams(width: width, derivatives: derivatives, correlates: objective.correlates)
    }
    for block in blocks {
      project(block, rows: rows, to: &gradients)
      // [row, item]: d loss / d output
      var residuals = [Float](repeating: 0, count: block.count * items.count)
      for item in items.indices {
        add(block, item: item, gradients, from: item * rows * stride, &residuals, to: &sums[item], &grams[item])
      }
      if curving.count < items.count {
        residuals = (0..<block.count).flatMap { row in curving.map { residuals[row * items.count + $0] } }
      }
      SmallProducts.add(
        m: curving.count, n: channels * pixels, k: block.count, a: residuals, lda: curving.count, b: block.features,
        bOffset: block.offset, ldb: channels * pixels, to: &totals, ldc: channels * pixels)
    }
    for item in items.indices { grams[item].finish(&sums[item]) }
    for (place, item) in curving.enumerated() { addCurvature(item: item, at: place, totals, to: &sums[item]) }
    return sums
  }

  /// The outputs' gradients on a block's rows: the pooled features, and the weighted maps times the masks' gradients.
  ///
  /// A row's features are in the processor's cache when both are taken.
  private func project(_ block: FeatureBlocks.Block, rows: Int, to gradients: inout [Float]) {
    let stride = ReadoutGrams.stride(width)
    // [item, row, pixel]
    var maps = [Float](repeating: 0, count: movesPlace ? items.count * block.count * pixels : 0)
    for row in 0..<block.count {
      let first = block.offset + row * channels * pixels
      SmallProducts.project(
        block.features, offset: first, distance: pixels, rows: channels, on: masks, to: &gradients,
        outOffset: row * stride, rowStep: 1, columnStep: rows * stride)
      guard movesPlace else { continue }
      SmallProducts.add(
        m: items.count, n: pixels, k: channels, a: weightColumns, lda: items.count, b: block.features, bOffset: first,
        ldb: pixels, to: &maps, cOffset: row * pixels, ldc: block.count * pixels)
    }
    guard movesPlace else { return }
    for item in items.indices {
      SmallProducts.project(
        maps, offset: item * block.count * pixels, distance: pixels, rows: block.count, on: maskGradients[item],
        to: &gradients, outOffset: item * rows * stride + channels + 1, rowStep: stride, columnStep: 1)
    }
  }

  /// Adds the outputs' second derivatives, each bin's times d loss / d output: the masks' derivatives are applied to the sum of
  /// the features with these factors.
  ///
  /// - Parameter place: among `curving`.
  private func addCurvature(item: Int, at place: Int, _ totals: [Float], to sums: inout ReadoutSums) {
    let first = place * channels * pixels
    // [channel, 5]: a feature weight with centre, widths or angle.
    var mixed = [Float](repeating: 0, count: channels * 5)
    SmallProducts.project(
      totals, offset: first, distance: pixels, rows: channels, on: maskGradients[item], to: &mixed, rowStep: 5,
      columnStep: 1)
    var map = [Float](repeating: 0, count: pixels)
    SmallProducts.add(
      m: 1, n: pixels, k: channels, a: weights[item].map { Float($0) }, lda: 1, b: totals, bOffset: first, ldb: pixels,
      to: &map, ldc: pixels)
    var places = [Float](repeating: 0, count: 15)
    SmallProducts.project(
      map, distance: pixels, rows: 1, on: maskCurvatures[place], to: &places, rowStep: 15, columnStep: 1)
    var pair = 0
    for i in 0..<5 {
      let line = (channels + 1 + i) * width
      for channel in 0..<channels { sums.curvature[line + channel] += Double(mixed[channel * 5 + i]) }
      for j in 0...i {
        sums.curvature[line + channels + 1 + j] += Double(places[pair])
        pair += 1
      }
    }
  }

  /// Adds one readout's rows of a block.
  ///
  /// - Parameter offset: where its gradients begin.
  private func add(
    _ block: FeatureBlocks.Block, item: Int, _ gradients: [Float], from offset: Int, _ factors: inout [Float],
    to sums: inout ReadoutSums, _ grams: inout ReadoutGrams
  ) {
    let cell = items[item].cell
    let stride = grams.stride
    let counts = objective.counts[cell]
    let mask = objective.mask[cell]
    let offsets = objective.offsets.isEmpty ? nil : objective.offsets[cell]
    let rows = (0..<block.count).filter { mask[block.start + $0] > 0 }
    let bias = items[item].parameters.bias
    let outputs = rows.map { row in
      let output = bias + Reduction.dot(weights[item], gradients, from: offset + row * stride)
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
    let valid = rows.map { Double(mask[block.start + $0]) }
    let residuals = zip(valid, terms).map { $0 * $1.residual }
    for (place, row) in rows.enumerated() { factors[row * items.count + item] = Float(residuals[place]) }
    sums.preActivationSquares += residuals.reduce(0) { $0 + $1 * $1 }
    guard rows.count < block.count else {
      grams.add(gradients, from: offset, residuals: residuals, valid: valid, terms: terms, counts: observed)
      return
    }
    var chosen: [Float] = []
    chosen.reserveCapacity(rows.count * stride)
    for row in rows { chosen.append(contentsOf: gradients[offset + row * stride..<offset + (row + 1) * stride]) }
    grams.add(chosen, from: 0, residuals: residuals, valid: valid, terms: terms, counts: observed)
  }
}
