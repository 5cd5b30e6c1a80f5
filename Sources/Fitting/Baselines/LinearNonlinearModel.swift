import Base
import Kernels

/// A linear filter of the features of each row, and the softplus of a scaled and shifted filter output: what a cell's counts
/// tell without a trained network.
///
/// The filter is a ridge regression of the counts, its penalty chosen for each cell among `ridges` by cross-validation: each
/// half of the training rows is predicted by the filter of the other half. Scale and shift are fitted to these predictions by
/// the Poisson likelihood, so that a filter that fits noise is scaled down.
package struct LinearNonlinearModel: Sendable {
  /// Of the rows that were asked for, `[cell][row]`; nil for a cell without spikes in training or where no filter could be
  /// made.
  package let rates: [[Float]?]
  /// Loss of the filters of each half of the training rows on the other half, nats per bin, by cell.
  package let losses: [Double?]

  /// Penalties, in units of the features' mean variance times their number of rows.
  static let ridges = [0.001, 0.01, 0.1, 1, 10]

  /// - Parameters:
  ///   - rows: those whose rates are wanted; none, where the losses are.
  ///   - trainRows: rows that the model is fitted to, ascending in time.
  ///   - frames, trials: of each of `trainRows`.
  /// - Throws: `undefined` where the training rows can't be split; what `features` throws; `Failure.interrupted`.
  package init(
    ratesOf rows: [Int], features: any FeatureSource, counts: Tensor, mask: Tensor, trainRows: [Int], frames: [Int],
    trials: [Int]?, rateHz: Double, memoryLimit: Int = 1 << 30, work: Work = .silent
  ) throws {
    let split = PenaltyChoice.split(
      counts: counts, trainRows: trainRows, frames: frames, trials: trials, rateHz: rateHz)
    guard split.isPossible else {
      throw Failure(.undefined, "the training trials are too few to fit a linear-nonlinear model")
    }
    let places = [0, 1].map { half in trainRows.indices.filter { Int(split.halves[$0]) == half } }
    let train = ReadoutRefit.objective(counts, mask, rows: trainRows, features: features, model: ReadoutModel())
    let cells = counts.shape[1]
    let size = features.channels * features.height * features.width
    let means = (0..<cells).map { cell in
      ReadoutRefit.meanCount(counts: train.counts[cell], mask: train.mask[cell]) ?? 0
    }
    var blocks = places.map { half in
      FeatureBlocks(features, rows: half.map { trainRows[$0] }, memoryLimit: memoryLimit / 2)
    }
    // Filters are made between the first and the second look at the training rows.
    work.progress?.begin("linear model", total: 2 * trainRows.count + rows.count, unit: "frames")
    defer { work.progress?.end() }
    var done = 0
    func pass(_ count: Int) {
      done += count
      work.progress?.advance(to: done)
    }
    let sums = try [0, 1].map { half in
      var sums = RidgeSums(size: size, cells: cells)
      try blocks[half].visit { block in
        try work.cancellation.check()
        var residuals = [Float](repeating: 0, count: block.count * cells)
        for row in 0..<block.count {
          let place = places[half][block.start + row]
          guard split.isFitted[place] else { continue }
          for cell in 0..<cells where train.mask[cell][place] > 0 {
            residuals[row * cells + cell] = Float(Double(train.counts[cell][place]) - means[cell])
          }
        }
        sums.add(block.features, from: block.offset, residuals: residuals, count: block.count)
        pass(block.count)
      }
      return sums
    }
    var both = sums[0]
    both.add(sums[1])
    let total = both
    // By ridge: filter outputs of every training row under the other half's filter, [cell][row].
    let filters = try Parallel.map(3 * Self.ridges.count, work: work) { index in
      (index % 3 == 2 ? total : sums[index % 3]).filters(ridge: Self.ridges[index / 3])
    }
    var crossed = [[[Float]]](
      repeating: [[Float]](repeating: [Float](repeating: 0, count: trainRows.count), count: cells),
      count: Self.ridges.count)
    for half in [0, 1] {
      try blocks[half].visit { block in
        try work.cancellation.check()
        for ridge in Self.ridges.indices {
          guard let filter = filters[3 * ridge + 1 - half] else { continue }
          let outputs = Self.outputs(block, filter, size: size, cells: cells)
          for row in 0..<block.count {
            for cell in 0..<cells {
              crossed[ridge][cell][places[half][block.start + row]] = outputs[row * cells + cell]
            }
          }
        }
        pass(block.count)
      }
    }
    let outputsByRidge = crossed
    let chosen = try Parallel.map(cells, work: work) { cell -> (ridge: Int, fit: Nonlinearity)? in
      guard means[cell] > 0 else { return nil }
      let fits = Self.ridges.indices.compactMap { ridge -> (ridge: Int, fit: Nonlinearity)? in
        guard filters[3 * ridge..<3 * ridge + 3].allSatisfy({ $0 != nil }) else { return nil }
        return Nonlinearity(
          outputsByRidge[ridge][cell], counts: train.counts[cell], mask: train.mask[cell], mean: means[cell]
        )
        .map { (ridge, $0) }
      }
      return fits.min { $0.fit.loss < $1.fit.loss }
    }
    var result = chosen.map { $0 == nil ? nil : [Float]() }
    var wanted = FeatureBlocks(features, rows: rows, memoryLimit: 0)
    try wanted.visit { block in
      try work.cancellation.check()
      for ridge in Set(chosen.compactMap { $0?.ridge }).sorted() {
        guard let filter = filters[3 * ridge + 2] else { continue }
        let outputs = Self.outputs(block, filter, size: size, cells: cells)
        for (cell, choice) in chosen.enumerated() where choice?.ridge == ridge {
          guard let fit = choice?.fit else { continue }
          result[cell]? += (0..<block.count).map { fit.rate(outputs[$0 * cells + cell]) }
        }
      }
      pass(block.count)
    }
    rates = result
    losses = chosen.map { $0?.fit.loss }
  }

  /// `[row, cell]`
  private static func outputs(_ block: FeatureBlocks.Block, _ filter: [Float], size: Int, cells: Int) -> [Float] {
    var outputs = [Float](repeating: 0, count: block.count * cells)
    BLAS.sgemm(
      m: block.count, n: cells, k: size, a: block.features, aOffset: block.offset, b: filter, c: &outputs)
    return outputs
  }
}

/// Softplus of a scaled and shifted number, fitted by the Poisson likelihood.
private struct Nonlinearity: Sendable {
  let scale: Double
  let shift: Double
  /// Mean Poisson loss, nats a bin.
  let loss: Double

  /// Nil without a valid bin.
  init?(_ outputs: [Float], counts: [Float], mask: [Float], mean: Double) {
    let rows = outputs.indices.filter { mask[$0] > 0 }
    guard !rows.isEmpty else { return nil }
    let bins = Double(rows.count)
    let inputs = rows.map { Double(outputs[$0]) }
    let observed = rows.map { Double(counts[$0]) }
    let free = -Double.infinity...Double.infinity
    let shift = RateFunction.softplus.output(ofRate: mean)
    var state = LevenbergMarquardt(
      start: [0, shift], bounds: [0...Double.infinity, free], stepLimits: [.infinity, .infinity], tolerance: 1e-9,
      maxIterations: 200)
    while state.status == .running {
      let at = state.trial
      let terms = RateFunction.softplus.terms(inputs.map { at[0] * $0 + at[1] }, counts: observed)
      var (loss, gradient, information) = (0.0, [0.0, 0.0], [0.0, 0.0, 0.0, 0.0])
      for (input, term) in zip(inputs, terms) {
        loss += term.loss
        gradient[0] += term.residual * input
        gradient[1] += term.residual
        information[0] += term.information * input * input
        information[2] += term.information * input
        information[3] += term.information
      }
      state.receive(
        loss: loss / bins, gradient: gradient.map { $0 / bins }, information: information.map { $0 / bins })
    }
    guard state.loss.isFinite else { return nil }
    (scale, self.shift, loss) = (state.parameters[0], state.parameters[1], state.loss)
  }

  func rate(_ output: Float) -> Float { Float(RateFunction.softplus.rate(scale * Double(output) + shift)) }
}
