import Base

extension ReadoutSearch {
  /// Fits of all cells together, with the penalties on lengths of groups of feature weights, from where they ended alone.
  ///
  /// Where every cell has a readout already, the fit begins there too, and the lower loss is taken.
  ///
  /// - Parameter alone: fits without that penalty.
  func together(
    _ alone: [Int: Found], _ blocks: inout FeatureBlocks, work: Work
  ) throws -> [Int: Found] {
    let cells = alone.keys.sorted()
    guard max(options.groupLasso, options.wholeLasso) > 0, !cells.isEmpty else { return alone }
    var starts = [cells.compactMap { alone[$0]?.parameters }]
    let own = cells.compactMap { cell in model.current(cell).map { ReadoutParameters($0) } }
    if own.count == cells.count { starts.append(own) }
    var best: ProximalNewton?
    for start in starts {
      var fit = newton(cells, from: start)
      while fit.status == .running {
        let values = try values(cells, fit.trial, &blocks, derivatives: true, work: work)
        fit.receive(zip(cells, values).map { $1.scaled(by: options.share(of: $0)) })
      }
      if fit.loss < best?.loss ?? .infinity { best = fit }
    }
    guard let best else { return [:] }
    let values = try values(cells, best.parameters, &blocks, derivatives: false, work: work)
    var found = alone
    for (place, cell) in cells.enumerated() {
      let parameters = ReadoutParameters(channels: objective.channels, vector: best.parameters[place])
      found[cell]?.parameters = parameters
      found[cell]?.loss =
        values[place].loss + terms[cell].l1 * parameters.weights.reduce(0) { $0 + abs($1) }
      found[cell]?.information = best.values[place].scaled(by: 1 / options.share(of: cell)).information
      found[cell]?.converged = best.status == .converged
    }
    return found
  }

  private func newton(_ cells: [Int], from starts: [ReadoutParameters]) -> ProximalNewton {
    ProximalNewton(
      zip(cells, starts).map { cell, start in
        ProximalNewton.Part(
          start: start.vector, bounds: bounds(from: start), stepLimits: stepLimits,
          sizePenalty: terms[cell].sizePenalty(start).map { $0 * options.share(of: cell) })
      },
      groups: groups(of: cells.count), scaling: .curvature, tolerance: ReadoutFit.tolerance,
      maxIterations: options.maxIterations)
  }

  /// One of all weights, or one of each channel's.
  private func groups(of cells: Int) -> [PenalisedQuadratic.Group] {
    let channels = (0..<objective.channels).map { channel in
      (0..<cells).map { PenalisedQuadratic.Group.Member(part: $0, index: channel) }
    }
    return options.wholeLasso > 0
      ? [.init(factor: options.wholeLasso, members: channels.flatMap { $0 })]
      : channels.map { .init(factor: options.groupLasso, members: $0) }
  }

  private func values(
    _ cells: [Int], _ numbers: [[Double]], _ blocks: inout FeatureBlocks, derivatives: Bool, work: Work
  ) throws -> [LossDerivatives] {
    let parameters = numbers.map { ReadoutParameters(channels: objective.channels, vector: $0) }
    let sums = try objective.evaluate(
      zip(cells, parameters).map { .init(cell: $0, parameters: $1) }, on: &blocks, derivatives: derivatives, work: work)
    return zip(zip(cells, parameters), sums).map { terms[$0.0]($1, $0.1, steadies: true) }
  }
}
