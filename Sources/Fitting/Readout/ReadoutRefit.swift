import Base
import Foundation
import Metrics

/// Fits a Gaussian readout per cell to the features of a frozen core.
public enum ReadoutRefit {
  /// A fit stops once its next step promises less than this, nats per bin.
  private static let tolerance = 1e-8

  /// Readouts of all cells, each fitted to the masked Poisson loss of the training rows.
  ///
  /// The loss is not convex in the centre. Each cell starts from several Gaussians that a regression on a grid of
  /// centres and widths finds promising (`ReadoutScreening`), and goes from each by damped Newton steps over all its
  /// numbers together (Fisher information, bounds as in `ReadoutParameters.bounds`); the lowest training loss wins.
  /// The validation rows are only scored. All starts of all cells advance in step, so that each pass over the
  /// features serves them all. The same input, options and number type give the same numbers.
  ///
  /// - Parameters:
  ///   - counts: `[row, cell]`, observed counts per bin.
  ///   - mask: `[row, cell]` or `[row, 1]`, 0 where a bin does not count.
  ///   - trainRows, valRows: rows of `features`, without repetition.
  /// - Throws: `Failure.mismatch` where shapes or rows do not fit; what `features` throws; `Failure.interrupted`.
  /// - Undefined: a cell without spikes in training, or whose fit is no better than a constant, gets weights of 0, the
  ///   constant rate as bias, and a reason.
  public static func fit(
    features: any FeatureSource, counts: Tensor, mask: Tensor, trainRows: [Int], valRows: [Int],
    options: ReadoutRefitOptions = ReadoutRefitOptions(), work: Work = .silent
  ) throws -> [CellReadout] {
    try check(features: features, counts: counts, mask: mask, rows: trainRows + valRows, options: options)
    let train = responses(counts, mask, rows: trainRows, features: features)
    var blocks = FeatureBlocks(features, rows: trainRows, memoryLimit: options.memoryLimit)

    let cells = counts.shape[1]
    let reasons = (0..<cells).map { obstacle(counts: train.counts[$0], mask: train.mask[$0]) }
    let fitted = (0..<cells).filter { reasons[$0] == nil }
    work.progress?.begin("readout", total: fitted.count, unit: "cells")
    defer { work.progress?.end() }

    var readouts = (0..<cells).map { constantReadout(cell: $0, train, features: features) }
    for cell in 0..<cells { readouts[cell].reason = reasons[cell] }
    let best = try search(fitted, train, &blocks, features: features, options: options, work: work)
    for (cell, found) in best {
      readouts[cell] = found.parameters.readout
      readouts[cell].converged = found.converged
    }

    try score(&readouts, on: train, &blocks, work: work) { readout, sums in
      readout.nllTrain = sums.bins > 0 ? sums.loss / sums.bins : .nan
    }
    for cell in fitted {
      var constant = constantReadout(cell: cell, train, features: features)
      guard !(readouts[cell].nllTrain < constant.nllTrain) else { continue }
      constant.reason = "no better than a constant rate"
      readouts[cell] = constant
    }
    let validation = responses(counts, mask, rows: valRows, features: features)
    var valBlocks = FeatureBlocks(features, rows: valRows, memoryLimit: 0)
    try score(&readouts, on: validation, &valBlocks, work: work) { readout, sums in
      guard sums.bins > 0, sums.loss.isFinite else { return }
      readout.nllVal = sums.loss / sums.bins
      readout.bitsPerSpikeVal = PoissonLikelihood.bitsPerSpike(-sums.loss, spikes: sums.spikes, bins: sums.bins)
    }
    return readouts
  }

  /// The best fit of each of `cells`: all their starts, side by side.
  private static func search(
    _ cells: [Int], _ train: ReadoutObjective, _ blocks: inout FeatureBlocks, features: any FeatureSource,
    options: ReadoutRefitOptions, work: Work
  ) throws -> [Int: (parameters: ReadoutParameters, loss: Double, converged: Bool)] {
    guard !cells.isEmpty else { return [:] }
    let channels = features.channels
    let height = features.height
    let width = features.width
    let starts = try ReadoutScreening(channels: channels, height: height, width: width)
      .starts(&blocks, objective: train, count: options.starts, seed: options.seed, work: work)
    let bounds = ReadoutParameters.bounds(channels: channels, height: height, width: width)
    let limits = ReadoutParameters.stepLimits(channels: channels, height: height, width: width)
    var fits: [(cell: Int, state: LevenbergMarquardt)] = cells.flatMap { cell in
      starts[cell].map { start in
        let parameters = ReadoutParameters(weights: start.weights, bias: start.bias, mask: start.mask)
        return (
          cell,
          LevenbergMarquardt(
            start: parameters.vector, bounds: bounds, stepLimits: limits, tolerance: tolerance,
            maxIterations: options.maxIterations)
        )
      }
    }

    while true {
      let running = fits.indices.filter { fits[$0].state.status == .running }
      let busy = Set(running.map { fits[$0].cell })
      work.progress?.advance(to: cells.count - busy.count)
      if running.isEmpty { break }
      let items = running.map {
        ReadoutObjective.Item(
          cell: fits[$0].cell, parameters: ReadoutParameters(channels: channels, vector: fits[$0].state.trial))
      }
      let sums = try train.evaluate(items, on: &blocks, derivatives: true, work: work)
      for (place, index) in running.enumerated() {
        let (loss, gradient, information) = penalised(sums[place], items[place].parameters, l2: options.l2)
        fits[index].state.receive(loss: loss, gradient: gradient, information: information)
      }
    }

    var best: [Int: (parameters: ReadoutParameters, loss: Double, converged: Bool)] = [:]
    for fit in fits where fit.state.loss < best[fit.cell]?.loss ?? .infinity {
      best[fit.cell] = (
        ReadoutParameters(channels: channels, vector: fit.state.parameters), fit.state.loss,
        fit.state.status == .converged
      )
    }
    return best
  }

  /// Mean loss with the penalty on the feature weights, its gradient and Fisher information.
  package static func penalised(
    _ sums: ReadoutSums, _ parameters: ReadoutParameters, l2: Double
  ) -> (loss: Double, gradient: [Double], information: [Double]) {
    let size = sums.gradient.count
    var loss = sums.loss / sums.bins
    var gradient = sums.gradient.map { $0 / sums.bins }
    var information = sums.information.map { $0 / sums.bins }
    for (index, weight) in parameters.weights.enumerated() {
      loss += l2 * weight * weight
      gradient[index] += 2 * l2 * weight
      if !information.isEmpty { information[index * size + index] += 2 * l2 }
    }
    return (loss, gradient, information)
  }

  /// Evaluates the readouts as stored, in float32, and hands each its sums.
  private static func score(
    _ readouts: inout [CellReadout], on objective: ReadoutObjective, _ blocks: inout FeatureBlocks, work: Work,
    _ use: (inout CellReadout, ReadoutSums) -> Void
  ) throws {
    let items = readouts.enumerated().map {
      ReadoutObjective.Item(cell: $0.offset, parameters: ReadoutParameters($0.element))
    }
    let sums = try objective.evaluate(items, on: &blocks, derivatives: false, work: work)
    for index in readouts.indices { use(&readouts[index], sums[index]) }
  }

  /// Weights of 0 and the training rows' mean rate, at least 1e-6 as VisionCore starts a bias; the mask in the middle.
  private static func constantReadout(
    cell: Int, _ train: ReadoutObjective, features: any FeatureSource
  ) -> CellReadout {
    var bins = 0.0
    var spikes = 0.0
    for (weight, count) in zip(train.mask[cell], train.counts[cell]) where weight > 0 {
      bins += Double(weight)
      spikes += Double(weight) * Double(count)
    }
    let rate = bins > 0 && spikes.isFinite ? max(spikes / bins, 1e-6) : 1e-6
    let std = Float(max(features.height, features.width)) / 4
    var readout = CellReadout(
      features: [Float](repeating: 0, count: features.channels), meanY: 0, meanX: 0, stdY: std, stdX: std, theta: 0,
      bias: Float(Softplus.inverse(rate)))
    let stored = Softplus.value(Double(readout.bias))
    if bins > 0 { readout.nllTrain = stored - spikes / bins * log(stored + PoissonLikelihood.epsilon) }
    readout.converged = true
    return readout
  }

  /// Why a cell can't be fitted.
  private static func obstacle(counts: [Float], mask: [Float]) -> String? {
    var bins = 0.0
    var spikes = 0.0
    for (weight, count) in zip(mask, counts) where weight > 0 {
      guard count >= 0, count < .infinity else { return Undefined.responseNotFinite.rawValue }
      bins += Double(weight)
      spikes += Double(weight) * Double(count)
    }
    if bins == 0 { return Undefined.allMasked.rawValue }
    return spikes == 0 ? Undefined.noSpikes.rawValue : nil
  }

  /// Counts and mask of `rows` by cell.
  private static func responses(
    _ counts: Tensor, _ mask: Tensor, rows: [Int], features: any FeatureSource
  ) -> ReadoutObjective {
    let cells = counts.shape[1]
    let width = mask.shape[1]
    return ReadoutObjective(
      channels: features.channels, height: features.height, width: features.width,
      counts: (0..<cells).map { cell in rows.map { counts.values[$0 * cells + cell] } },
      mask: (0..<cells).map { cell in rows.map { mask.values[$0 * width + (width == 1 ? 0 : cell)] } })
  }

  private static func check(
    features: any FeatureSource, counts: Tensor, mask: Tensor, rows: [Int], options: ReadoutRefitOptions
  ) throws {
    guard counts.rank == 2, mask.rank == 2, mask.shape[1] == counts.shape[1] || mask.shape[1] == 1 else {
      throw Failure(.mismatch, "counts of shape \(counts.shape) with a mask of shape \(mask.shape)")
    }
    guard counts.shape[0] == features.rowCount, mask.shape[0] == features.rowCount else {
      throw Failure(
        .mismatch, "features of \(features.rowCount) rows, counts of \(counts.shape[0]), mask of \(mask.shape[0])")
    }
    guard features.channels > 0, features.height > 0, features.width > 0 else {
      throw Failure(
        .mismatch, "features without a map: \(features.channels) channels of \(features.height)x\(features.width)")
    }
    if let row = rows.first(where: { $0 < 0 || $0 >= features.rowCount }) {
      throw Failure(.mismatch, "row \(row) of features with \(features.rowCount) rows")
    }
    guard options.starts > 0, options.maxIterations > 0, options.l2 >= 0, options.l2.isFinite else {
      throw Failure(
        .usage, "starts and iterations must be at least 1 and the penalty at least 0",
        hint: "starts \(options.starts), iterations \(options.maxIterations), l2 \(options.l2)")
    }
  }
}
