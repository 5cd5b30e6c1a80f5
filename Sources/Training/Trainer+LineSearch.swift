import Base
import Formats

extension Trainer {
  private static let sufficientDecrease = 1e-4
  private static let mostHalvings = 20

  /// One iteration of L-BFGS: a direction, then halved steps along it until the objective (loss and penalties) falls enough.
  ///
  /// Where no step lowers it, nothing moves from then on.
  /// - Throws: as `take`.
  mutating func iterate(_ step: TrainingStep, from sets: [any TrainingSet], work: Work) throws -> StepRecord {
    let rates = try rates(of: step)
    var before = try evaluate(step, from: sets, work: work)
    before.record.rates = rates
    stepsDone += 1
    guard !quasiNewton.hasConverged else { return before.record }
    let point = try values()
    while true {
      let direction = quasiNewton.direction(before.gradient)
      let slope = LimitedMemoryBFGS.dot(direction, before.gradient)
      // Without curvature the gradient's own scale means nothing: the first step moves by at most the learning rate in all.
      let length = before.gradient.reduce(0) { $0 + abs($1) }
      var size = (rates.first ?? 1) * (quasiNewton.isEmpty ? min(1, 1 / max(length, 1e-30)) : 1)
      for _ in 0..<Self.mostHalvings where slope < 0 {
        var moved = self
        try moved.set(zip(point, direction).map { $0 + size * $1 })
        if let after = try? moved.evaluate(step, from: sets, work: work), after.value.isFinite,
          after.value <= before.value + Self.sufficientDecrease * size * slope
        {
          let own = try moved.values()
          quasiNewton.remember(
            step: zip(own, point).map { $0 - $1 }, change: zip(after.gradient, before.gradient).map { $0 - $1 })
          store = moved.store
          return before.record
        }
        try work.cancellation.check()
        size /= 2
      }
      guard !quasiNewton.isEmpty else {
        quasiNewton.hasConverged = true
        return before.record
      }
      quasiNewton.forget()
    }
  }

  /// Objective, gradient and what a step would record, at the values of the store; nothing moves.
  private func evaluate(_ step: TrainingStep, from sets: [any TrainingSet], work: Work) throws
    -> (value: Double, gradient: [Double], record: StepRecord)
  {
    var probe = self
    probe.settings.optimiser = .sgd
    probe.settings.clip = nil
    probe.settings.usesProximalSteps = false
    let collector = GradientCollector()
    probe.optimiser = collector
    probe.stepsDone = 0
    let record = try probe.take(step, from: sets, work: work)
    let collected = (probe.optimiser as? GradientCollector)?.gradients ?? [:]
    let gradient = try trainedNames.flatMap { name in
      try collected[name].map { $0.map(Double.init) }
        ?? [Double](repeating: 0, count: store.tensor(name).values.count)
    }
    return (record.loss + record.penalties.reduce(0) { $0 + $1.value }, gradient, record)
  }

  private func values() throws -> [Double] { try trainedNames.flatMap { try store.tensor($0).values.map(Double.init) } }

  private mutating func set(_ values: [Double]) throws {
    var place = 0
    for name in trainedNames {
      var tensor = try store.tensor(name)
      for index in tensor.values.indices { tensor.values[index] = Float(values[place + index]) }
      place += tensor.values.count
      try store.set(name, to: tensor)
    }
  }
}

/// Takes the place of an optimiser to learn the gradient of a step: nothing moves.
private struct GradientCollector: Optimiser {
  private(set) var gradients: [String: [Float]] = [:]

  mutating func update(_ values: inout [Float], gradient: [Float], of name: String, rate: Double, decay: Double) {
    gradients[name] = gradient
  }

  func stepSizes(of name: String, count: Int, rate: Double) -> [Float] { [Float](repeating: 0, count: count) }
  var state: [NamedArray] { [] }
  mutating func restore(_ state: any ArraySource) throws {}
}
