import Base
import Foundation
import Metrics

/// Fits a Gaussian readout per cell to the features of a frozen core.
public enum ReadoutRefit {
  /// Readouts of all cells, each fitted to the masked Poisson loss of the training rows.
  ///
  /// The loss is not convex in the centre. Each cell starts from several Gaussians that a regression on a grid of
  /// centres and widths finds promising (`ReadoutScreening`), and goes from each by damped Newton steps over all its
  /// numbers together (Fisher information, bounds as in `ReadoutParameters.bounds`); the lowest training loss wins.
  /// A penalty on lengths of groups then moves all cells together, from there. The validation rows are only scored.
  /// All starts of all cells advance in step, so that each pass over the features serves them all. The same input, options and number type give the same numbers.
  ///
  /// - Parameters:
  ///   - counts: `[row, cell]`, observed counts per bin.
  ///   - mask: `[row, cell]` or `[row, 1]`, 0 where a bin does not count.
  ///   - trainRows, valRows: rows of `features`, without repetition.
  /// - Throws: `Failure.mismatch` where shapes or rows do not fit; what `features` throws; `Failure.interrupted`.
  /// - Undefined: a cell without spikes in training, or whose loss with penalties is no better than that of a constant, gets weights of 0, the
  ///   constant rate as bias, and a reason.
  package static func fit(
    features: any FeatureSource, counts: Tensor, mask: Tensor, trainRows: [Int], valRows: [Int],
    options: ReadoutRefitOptions = ReadoutRefitOptions(), model: ReadoutModel = ReadoutModel(), work: Work = .silent
  ) throws -> [CellReadout] {
    try check(features: features, counts: counts, mask: mask, rows: trainRows + valRows, options: options)
    var train = objective(counts, mask, rows: trainRows, features: features, model: model)
    train.correlates = options.correlation != 0
    train.movesPlace = !model.averagesSpace && [.both, .place].contains(options.part)
    var blocks = FeatureBlocks(features, rows: trainRows, memoryLimit: options.memoryLimit)

    let cells = counts.shape[1]
    let reasons = (0..<cells).map { obstacle(counts: train.counts[$0], mask: train.mask[$0]) }
    let fitted = (0..<cells).filter { reasons[$0] == nil }
    work.progress?.begin("readout", total: fitted.count, unit: "cells")
    defer { work.progress?.end() }

    let weights = weights(train, power: options.rateWeight)
    let search = ReadoutSearch(
      objective: train, model: model, options: options,
      terms: (0..<cells).map {
        ReadoutTerms(
          weight: weights[$0], correlation: options.correlation, l2: options.l2(of: $0), l1: options.l1(of: $0),
          smoothness: options.smoothness)
      })
    var readouts = search.constants.map { constantReadout($0, features: features, model: model) }
    for cell in 0..<cells {
      readouts[cell].reason = reasons[cell] ?? "no better than a constant rate"
      let mask = ReadoutParameters(readouts[cell]).mask
      if reasons[cell] == nil { readouts[cell].objective = search.terms[cell].loss(of: search.constants[cell], mask) }
    }
    let alone = try search.best(of: fitted, &blocks, work: work)
    let best = try search.together(alone, &blocks, work: work).filter { cell, found in
      search.isBetterThanConstant(found.loss, found.parameters, cell)
    }
    for (cell, found) in best {
      readouts[cell] = found.parameters.readout
      readouts[cell].converged = found.converged
      readouts[cell].spread = found.spread
      readouts[cell].objective = found.loss
      readouts[cell].errors = errors(found, cell: cell, search)
      readouts[cell].l2 = options.l2(of: cell)
    }
    try score(&readouts, on: train, &blocks, work: work) { readout, sums in
      readout.nllTrain = sums.bins > 0 ? sums.loss / sums.bins : .nan
      readout.bitsPerSpikeTrain = PoissonLikelihood.bitsPerSpike(-sums.loss, spikes: sums.spikes, bins: sums.bins)
      readout.correlationTrain = sums.correlation.loss?.r
    }
    let validation = objective(counts, mask, rows: valRows, features: features, model: model)
    var valBlocks = FeatureBlocks(features, rows: valRows, memoryLimit: 0)
    try score(&readouts, on: validation, &valBlocks, work: work) { readout, sums in
      guard sums.bins > 0, sums.loss.isFinite else { return }
      readout.nllVal = sums.loss / sums.bins
      readout.bitsPerSpikeVal = PoissonLikelihood.bitsPerSpike(-sums.loss, spikes: sums.spikes, bins: sums.bins)
      readout.correlationVal = sums.correlation.loss?.r
    }
    return readouts
  }

  /// Standard errors of a readout's place, from the information at the optimum.
  private static func errors(
    _ found: ReadoutSearch.Found, cell: Int, _ search: ReadoutSearch
  ) -> ReadoutErrors? {
    // With a correlation term the information is not that of the likelihood.
    guard search.objective.movesPlace, search.options.correlation == 0 else { return nil }
    let totals = CountTotals(counts: search.objective.counts[cell], mask: search.objective.mask[cell])
    return ReadoutErrors(
      found.information, bins: totals.bins / search.terms[cell].weight, found.parameters,
      bounds: search.bounds(from: found.parameters))
  }

  /// The cells' weights in the loss; 1 for a cell that has none.
  package static func weights(_ objective: ReadoutObjective, power: Double) -> [Double] {
    guard power != 0 else { return [Double](repeating: 1, count: objective.counts.count) }
    let means = objective.counts.indices.map { meanCount(counts: objective.counts[$0], mask: objective.mask[$0]) }
    return InverseRateWeights.of(means, power: power).map { $0 ?? 1 }
  }

  /// Masked mean count; nil without a valid bin.
  package static func meanCount(counts: [Float], mask: [Float]) -> Double? {
    let totals = CountTotals(counts: counts, mask: mask)
    return totals.bins > 0 ? totals.spikes / totals.bins : nil
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

  /// Weights of 0; the mask in the middle.
  private static func constantReadout(
    _ constant: ConstantRate, features: any FeatureSource, model: ReadoutModel
  ) -> CellReadout {
    let std = Float(max(features.height, features.width)) / 4
    var readout = CellReadout(
      features: [Float](repeating: 0, count: features.channels), meanY: 0, meanX: 0, stdY: std, stdX: std, theta: 0,
      bias: Float(constant.bias))
    if model.averagesSpace { readout = ReadoutParameters(readout, mask: ReadoutParameters.uniformMask).readout }
    readout.converged = true
    return readout
  }

  /// Why a cell can't be fitted.
  private static func obstacle(counts: [Float], mask: [Float]) -> String? {
    for (weight, count) in zip(mask, counts) where weight > 0 {
      guard count >= 0, count < .infinity else { return Undefined.responseNotFinite.rawValue }
    }
    let totals = CountTotals(counts: counts, mask: mask)
    if totals.bins == 0 { return Undefined.allMasked.rawValue }
    return totals.spikes == 0 ? Undefined.noSpikes.rawValue : nil
  }

  /// The loss of `rows`, by cell.
  package static func objective(
    _ counts: Tensor, _ mask: Tensor, rows: [Int], features: any FeatureSource, model: ReadoutModel
  ) -> ReadoutObjective {
    let cells = counts.shape[1]
    let width = mask.shape[1]
    func columns(_ tensor: Tensor, _ width: Int) -> [[Float]] {
      (0..<cells).map { cell in rows.map { tensor.values[$0 * width + (width == 1 ? 0 : cell)] } }
    }
    var objective = ReadoutObjective(
      channels: features.channels, height: features.height, width: features.width, counts: columns(counts, cells),
      mask: columns(mask, width))
    objective.rates = model.rates
    objective.baselines = model.baselines
    objective.offsets = model.history.map { columns($0, cells) } ?? []
    return objective
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
    let penalties =
      [
        options.l2, options.l1, options.pull, options.correlation, options.groupLasso, options.wholeLasso,
        options.smoothness,
      ] + options.l2ByCell + options.l1ByCell + options.shares
    guard options.starts > 0, options.maxIterations > 0, penalties.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw Failure(
        .usage, "starts and iterations must be at least 1 and penalties at least 0",
        hint: "starts \(options.starts), iterations \(options.maxIterations), penalties \(penalties)")
    }
  }
}
