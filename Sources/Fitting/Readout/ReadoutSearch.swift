import Base
import Kernels

/// Fits of many cells from many starts, side by side: each pass over the features serves all that still move.
struct ReadoutSearch {
  /// What became of a cell.
  struct Found: Sendable {
    var parameters: ReadoutParameters
    var loss: Double
    /// Of the loss there, without what has corners; row-major.
    var information: [Double]
    var converged: Bool
    /// Difference of the highest and the lowest loss at which its starts ended; nil with one start.
    var spread: Double?
  }

  let objective: ReadoutObjective
  let model: ReadoutModel
  let options: ReadoutRefitOptions
  /// By cell of the objective.
  let terms: [ReadoutTerms]
  /// By cell of the objective: what a fit has to do better than.
  let constants: [ConstantRate]

  init(objective: ReadoutObjective, model: ReadoutModel, options: ReadoutRefitOptions, terms: [ReadoutTerms]) {
    self.objective = objective
    self.model = model
    self.options = options
    self.terms = terms
    constants = terms.indices.map { ConstantRate(objective, cell: $0) }
  }

  /// Starts whose losses differ by less than this, nats per bin, have found the same optimum.
  private static let sameOptimum = 1e-6
  /// What a readout has to gain over a constant rate, nats per bin: less is rounding.
  private static let worth = 1e-9
  /// How often a cell whose best start stands alone gets as many starts again.
  private static let rounds = 3

  /// The best fit of each of `cells`.
  ///
  /// A cell of which no second start ends where the best one does gets more starts; a fit that stopped early goes on from
  /// where it stood, in the end with shorter steps.
  ///
  /// - Parameter asksAgain: whether cells get more starts than `options.starts`.
  func best(
    of cells: [Int], _ blocks: inout FeatureBlocks, work: Work, asksAgain: Bool = true
  ) throws -> [Int: Found] {
    guard !cells.isEmpty else { return [:] }
    let starts = try starts(&blocks, work: work)
    let count = max(1, options.starts)
    var ended: [Int: [ReadoutFit]] = [:]
    var waiting = cells
    for round in 0..<(asksAgain ? Self.rounds : 1) where !waiting.isEmpty {
      var fits = waiting.flatMap { cell in
        starts[cell].dropFirst(round * count).prefix(count).map { fit(cell, from: $0, saves: isLarge) }
      }
      try run(&fits, &blocks, round == 0 ? "readout" : "readout, more starts", cells: waiting.count, work: work)
      for fit in fits { ended[fit.cell, default: []].append(fit) }
      waiting = waiting.filter { standsAlone(ended[$0] ?? []) && starts[$0].count > (round + 1) * count }
    }
    var again = cells.compactMap { cell -> ReadoutFit? in
      let lowest = Self.lowest(ended[cell] ?? [])
      // Where all rates were 0, no gradient led out: a fit begins again where they are right on average.
      if mayReadNothing, !(lowest.map { isBetterThanConstant($0, cell) } ?? false), let start = starts[cell].first {
        return fit(
          cell,
          from: ReadoutParameters(
            weights: [Double](repeating: 0, count: objective.channels), bias: constants[cell].bias, mask: start.mask))
      }
      return lowest.flatMap { $0.converged ? nil : fit(cell, from: $0.found) }
    }
    try run(&again, &blocks, "readout, more steps", cells: again.count, work: work)
    for fit in again { ended[fit.cell, default: []].append(fit) }
    var stuck = cells.compactMap { cell in
      Self.lowest(ended[cell] ?? []).flatMap { $0.converged ? nil : fit(cell, from: $0.found, scaling: .curvature) }
    }
    try run(&stuck, &blocks, "readout, shorter steps", cells: stuck.count, work: work)
    for fit in stuck { ended[fit.cell, default: []].append(fit) }
    return ended.compactMapValues { fits in
      Self.lowest(fits).map { best in
        let losses = fits.map(\.loss).filter(\.isFinite)
        return Found(
          parameters: best.found, loss: best.loss, information: best.information, converged: best.converged,
          spread: losses.count > 1 ? (losses.max() ?? 0) - best.loss : nil)
      }
    }
  }

  /// Whether the feature weights may become 0.
  private var mayReadNothing: Bool { [.both, .features].contains(options.part) }

  private func isBetterThanConstant(_ fit: ReadoutFit, _ cell: Int) -> Bool {
    isBetterThanConstant(fit.loss, fit.found, cell)
  }

  /// Whether a readout of this loss is worth more than none; always where its weights are not fitted.
  func isBetterThanConstant(_ loss: Double, _ parameters: ReadoutParameters, _ cell: Int) -> Bool {
    !mayReadNothing || loss < terms[cell].loss(of: constants[cell], parameters.mask) - Self.worth
  }

  private static func lowest(_ fits: [ReadoutFit]) -> ReadoutFit? {
    fits.filter { $0.loss.isFinite }.min { ($0.loss, $0.converged ? 0 : 1) < ($1.loss, $1.converged ? 0 : 1) }
  }

  private func standsAlone(_ fits: [ReadoutFit]) -> Bool {
    guard options.starts > 1, let best = fits.map(\.loss).min() else { return false }
    return fits.filter { $0.loss < best + Self.sameOptimum }.count < 2
  }

  /// - Parameter cells: that the fits are of.
  private func run(
    _ fits: inout [ReadoutFit], _ blocks: inout FeatureBlocks, _ title: String, cells: Int, work: Work
  ) throws {
    guard cells > 0 else { return }
    // Progress of its own: the cells that go on are counted anew, and a count never falls.
    work.progress?.begin(title, total: cells, unit: "cells")
    while true {
      let running = fits.indices.filter { fits[$0].isRunning }
      let busy = Set(running.map { fits[$0].cell })
      work.progress?.advance(to: max(0, cells - busy.count))
      if running.isEmpty { return }
      let sums = try objective.evaluate(
        running.map { fits[$0].trial }, on: &blocks, derivatives: true, work: work)
      let before = fits
      let after = try Parallel.map(running.count, work: work) { place in
        var fit = before[running[place]]
        fit.receive(sums[place])
        return fit
      }
      for (index, fit) in zip(running, after) { fits[index] = fit }
    }
  }

  /// Whether steps shear the mask. Near a round mask a turn changes nothing, so steps by turns creep; where a pass over the features
  /// costs little that does not matter.
  private func shears(_ cell: Int) -> Bool { isLarge && objective.movesPlace && terms[cell].l1 == 0 }

  /// Whether passes over the features are what a fit's time goes into.
  private var isLarge: Bool {
    (objective.counts.first?.count ?? 0) > options.largeSize / (objective.channels * objective.height * objective.width)
  }

  // MARK: Starts

  /// By cell: where its fits begin, the first `options.starts` of them at once.
  private func starts(_ blocks: inout FeatureBlocks, work: Work) throws -> [[ReadoutParameters]] {
    let current = objective.counts.indices.map { model.current($0).map { ReadoutParameters($0) } }
    if [.gain, .features].contains(options.part) || options.starts == 1, !current.contains(where: { $0 == nil }) {
      return current.map { [$0].compactMap(\.self) }
    }
    let isConvex = model.averagesSpace || options.part == .features
    let screened = try ReadoutScreening(
      channels: objective.channels, height: objective.height, width: objective.width,
      averagesSpace: model.averagesSpace
    ).starts(
      &blocks, objective: objective, constants: constants, count: isConvex ? 1 : options.starts,
      reserve: isConvex || options.starts == 1 ? 0 : (Self.rounds - 1) * options.starts, savesRows: isLarge,
      seed: options.seed, work: work)
    return screened.indices.map { cell in
      let found = screened[cell].map { ReadoutParameters(weights: $0.weights, bias: $0.bias, mask: $0.mask) }
      guard let own = current[cell] else { return found }
      switch options.part {
      case .both: return [own] + found
      case .place:
        return [own] + found.map { ReadoutParameters(weights: Array(own.weights), bias: own.bias, mask: $0.mask) }
      case .features, .gain: return [own]
      }
    }
  }

  private func fit(
    _ cell: Int, from start: ReadoutParameters, scaling: StepControl.Scaling = .information, saves: Bool = false
  ) -> ReadoutFit {
    ReadoutFit(
      cell: cell, start: start, bounds: bounds(from: start), stepLimits: stepLimits, terms: terms[cell],
      options: options, scaling: scaling, shears: shears(cell), saves: saves)
  }

  var stepLimits: [Double] {
    ReadoutParameters.stepLimits(channels: objective.channels, height: objective.height, width: objective.width)
  }

  /// Where the numbers of a fit from `start` may lie; those that are not fitted stay. Without a limit of the widths a place
  /// outside, as training may leave it, is a place to start from: no fit ends above the loss that it began with.
  func bounds(from start: ReadoutParameters) -> [ClosedRange<Double>] {
    var bounds = ReadoutParameters.bounds(
      channels: objective.channels, height: objective.height, width: objective.width, largestStd: options.largestStd)
    let channels = objective.channels
    var held: [Int] = []
    if model.averagesSpace || options.part == .features { held += channels + 1..<bounds.count }
    if options.part == .place { held += 0..<channels }
    if options.largestStd == nil {
      for index in bounds.indices {
        bounds[index] =
          min(bounds[index].lowerBound, start.vector[index])...max(bounds[index].upperBound, start.vector[index])
      }
    }
    for index in held { bounds[index] = start.vector[index]...start.vector[index] }
    return bounds
  }
}
