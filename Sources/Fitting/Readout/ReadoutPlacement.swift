import Base
import Kernels

/// Moves the places of readouts that a fit starts from to where their own feature weights read best, on some of the rows.
///
/// With the weights held, a readout sees one map a row: the features times the weights. Fitting a gain, the bias and the place to
/// that map costs next to nothing, and the fits of all numbers begin near the place where they end.
package struct ReadoutPlacement: Sendable {
  package struct Start: Sendable {
    package var cell: Int
    package var readout: ReadoutParameters

    package init(cell: Int, readout: ReadoutParameters) {
      self.cell = cell
      self.readout = readout
    }
  }

  /// Rows that are enough to tell a place to a part of a pixel.
  private static let rows = 1024
  /// Starts whose maps are made together.
  private static let batch = 24
  private static let tolerance = 1e-5
  private static let mostEvaluations = 12
  /// A readout whose gain falls below this read next to nothing where it came to: it starts where it was.
  private static let smallestGain = 0.1

  private let objective: ReadoutObjective
  private var pixels: Int { objective.height * objective.width }

  package init(_ objective: ReadoutObjective) { self.objective = objective }

  /// - Parameter bounds: of a fit's numbers from a start.
  package func moved(
    _ starts: [Start], _ blocks: inout FeatureBlocks, bounds: (ReadoutParameters) -> [ClosedRange<Double>], work: Work
  ) throws -> [Start] {
    guard !starts.isEmpty else { return [] }
    let limits = starts.map { bounds($0.readout) }
    let batches = Array(stride(from: 0, to: starts.count, by: Self.batch))
    // By batch: [start, row, pixel] of each block that is used.
    var maps = batches.map { _ in [[Float]]() }
    var rows: [Range<Int>] = []
    try blocks.visit(spread: Self.rows) { block in
      rows.append(block.start..<block.start + block.count)
      let made = try Parallel.map(batches.count, work: work) { place in
        weighted(Array(starts[batches[place]..<min(starts.count, batches[place] + Self.batch)]), block)
      }
      for (place, made) in made.enumerated() { maps[place].append(made) }
    }
    let (places, all) = (rows, maps)
    return try Parallel.map(starts.count, work: work) { place in
      let (batch, index) = (place / Self.batch, place % Self.batch)
      var own: [Float] = []
      for (rows, block) in zip(places, all[batch]) {
        own += block[index * rows.count * pixels..<(index + 1) * rows.count * pixels]
      }
      return moved(starts[place], maps: own, rows: places.flatMap { $0 }, bounds: limits[place])
    }
  }

  /// Features times weights, `[start, row, pixel]`.
  private func weighted(_ starts: [Start], _ block: FeatureBlocks.Block) -> [Float] {
    let channels = objective.channels
    let weights = (0..<channels).flatMap { channel in starts.map { Float($0.readout.vector[channel]) } }
    var maps = [Float](repeating: 0, count: starts.count * block.count * pixels)
    for row in 0..<block.count {
      SmallProducts.add(
        m: starts.count, n: pixels, k: channels, a: weights, lda: starts.count, b: block.features,
        bOffset: row * channels * pixels, ldb: pixels, to: &maps, cOffset: row * pixels, ldc: block.count * pixels)
    }
    return maps
  }

  /// - Parameter maps: `[row, pixel]`
  private func moved(_ start: Start, maps: [Float], rows: [Int], bounds: [ClosedRange<Double>]) -> Start {
    let (channels, cell) = (objective.channels, start.cell)
    let valid = rows.indices.filter { objective.mask[cell][rows[$0]] > 0 }
    let counts = valid.map { Double(objective.counts[cell][rows[$0]]) }
    guard counts.contains(where: { $0 > 0 }) else { return start }
    let weights = valid.map { Double(objective.mask[cell][rows[$0]]) }
    let offsets = objective.offsets.isEmpty ? [] : valid.map { Double(objective.offsets[cell][rows[$0]]) }
    let baseline = objective.baselines.isEmpty ? 0 : objective.baselines[cell]
    let free = -Double.infinity...Double.infinity
    let limits = ReadoutParameters.stepLimits(channels: 1, height: objective.height, width: objective.width)
    // As a readout of one channel, the map, whose weight is the gain.
    var fit = LevenbergMarquardt(
      start: [1] + start.readout.vector[channels...], bounds: [free] + bounds[channels...], stepLimits: limits,
      retraction: ReadoutParameters.retraction(channels: 1), tolerance: Self.tolerance,
      maxIterations: Self.mostEvaluations)
    while fit.status == .running {
      let point = ReadoutParameters(channels: 1, vector: fit.trial)
      let (gain, mask) = (point.vector[0], point.mask)
      let values = mask.values(height: objective.height, width: objective.width)
      let slopes = mask.shapeGradients(values, height: objective.height, width: objective.width)
      let panel = SmallProducts.Panel(pixels: pixels, columns: 6) { pixel, column in
        column == 0 ? values[pixel] : gain * slopes[pixel * 5 + column - 1]
      }
      // [row, 6]
      var read = [Float](repeating: 0, count: rows.count * 6)
      SmallProducts.project(maps, distance: pixels, rows: rows.count, on: panel, to: &read, rowStep: 6, columnStep: 1)
      let outputs = valid.indices.map { place in
        let output = gain * Double(read[valid[place] * 6]) + point.bias
        return offsets.isEmpty ? output : output + offsets[place]
      }
      let terms = objective.rates.terms(outputs, counts: counts, baseline: baseline)
      fit.receive(derivatives(terms, weights, valid.map { row in (0..<6).map { Double(read[row * 6 + $0]) } }))
    }
    guard fit.loss.isFinite, fit.parameters[0] > Self.smallestGain else { return start }
    var readout = start.readout
    for channel in 0..<channels { readout.vector[channel] *= fit.parameters[0] }
    readout.vector.replaceSubrange(channels..., with: fit.parameters[1...])
    return Start(cell: cell, readout: readout)
  }

  /// Of the mean loss by gain, bias, centre and shape.
  ///
  /// - Parameter read: by row, derivatives of the output by all of them but the bias.
  private func derivatives(
    _ terms: [RateFunction.Term], _ weights: [Double], _ read: [[Double]]
  ) -> LossDerivatives {
    let size = 7
    let bins = weights.reduce(0, +)
    var result = LossDerivatives(
      loss: 0, gradient: [Double](repeating: 0, count: size), information: [Double](repeating: 0, count: size * size))
    for (place, term) in terms.enumerated() {
      let share = weights[place] / bins
      let slopes = [read[place][0], 1] + read[place][1...]
      result.loss += share * term.loss
      for i in 0..<size {
        result.gradient[i] += share * term.residual * slopes[i]
        for j in 0...i { result.information[i * size + j] += share * term.information * slopes[i] * slopes[j] }
      }
    }
    return result
  }
}
