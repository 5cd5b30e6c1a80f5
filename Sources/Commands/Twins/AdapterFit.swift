import Base
import Fitting
import Session

/// Readouts fitted together with the adapter in front of the core.
struct AdapterFit {
  /// Readouts at the adapter as it was, and where both ended.
  let alone: [CellReadout]
  let cells: [CellReadout]
  let tensors: [String: Tensor]
  /// What to say about it.
  let note: String

  private static let tolerance = 1e-6
  private static let mostSteps = 30

  /// - Parameters:
  ///   - fit: of all cells of the session.
  ///   - options: without a penalty on all cells together, and without a correlation.
  init(_ fit: RefitFit, _ options: ReadoutRefitOptions, in session: Session) throws {
    let moved = try MovedAdapter(fit.head.twin, head: fit.head.adapter, data: fit.data, in: session)
    let alone = try fit.readouts(options)
    let places = alone.indices.filter { alone[$0].objective != nil }
    guard !places.isEmpty else {
      throw Failure(.undefined, "no cell of \(fit.head.session) reads the core: there is no gradient for the adapter")
    }
    // As in training, a cell counts with its valid bins.
    let objective = ReadoutRefit.objective(
      fit.counts, fit.mask, rows: fit.data.trainRows, features: fit.data.features, model: fit.model)
    let weights = ReadoutRefit.weights(objective, power: options.rateWeight)
    let bins = alone.indices.map { cell in objective.mask[cell].reduce(0) { $0 + Double($1) } }
    let total = places.reduce(0) { $0 + bins[$1] }
    func loss(_ cells: [CellReadout]) -> Double {
      places.reduce(0) { $0 + bins[$1] / total * (cells[$1].objective ?? .infinity) }
    }
    var again = options
    again.starts = 1
    let rows = fit.data.trainRows
    let search = try OuterSearch<[CellReadout]>(
      start: .init(numbers: moved.start, loss: loss(alone), fit: alone), tolerance: Self.tolerance,
      mostSteps: Self.mostSteps
    ) { numbers, before in
      let cells = try fit.readouts(again, features: moved.features(numbers), from: before)
      return (loss(cells), cells)
    } gradient: { point in
      let items = places.map { ReadoutObjective.Item(cell: $0, parameters: ReadoutParameters(point.fit[$0])) }
      let factors = places.map { weights[$0] / total }
      return try moved.gradient(point.numbers, rows: rows) { places, features in
        objective.featureGradient(items, factors: factors, features: features, rows: places)
      }
    }
    self.alone = alone
    // The spread over starts is that of the fits at the adapter as it was.
    cells = zip(search.best.fit, alone).map { cell, alone in
      var cell = cell
      cell.spread = alone.spread
      return cell
    }
    let found = moved.tensors(search.best.numbers)
    tensors = found
    let changes = found.keys.sorted().map { name in
      let values = found[name]?.values ?? []
      return "\(name) \(values.map { NumberText.rounded(Double($0), decimals: 4) }.joined(separator: ", "))"
    }
    note =
      "; adapter and readouts together: \(changes.joined(separator: "; ")) after \(search.steps) steps"
      + (search.converged ? "" : ", not converged")
      + ", training loss \(NumberText.rounded(loss(alone), decimals: 5)) to \(NumberText.rounded(search.best.loss, decimals: 5)) nats/bin"
  }
}
