import Analysis
import Base
import Training

/// Forecasts as `worth` makes them, held against long trainings of the same edits.
package struct PlantedForecasts: Sendable {
  /// An edit, and what the cells do.
  package struct Case: Sendable {
    package var name: String
    var edits: [String] = []
    var objective = Objective()
    var truthNorm = "none"
    var latency = 0
  }

  /// What came out.
  package struct Outcome: Sendable {
    package var forecast: EffortForecast.Point
    /// Mean effect of the long training, with other orders of batches.
    package var effect: Double

    package var isCovered: Bool {
      guard let lower = forecast.lower, let upper = forecast.upper else { return false }
      return (lower...upper).contains(effect)
    }
  }

  package static let cases = [
    Case(name: "hide 3 frames, cells answer from lag 3 on", edits: ["frontend.params.lag_mask=3"], latency: 3),
    Case(name: "hide 3 frames, cells answer from lag 0 on", edits: ["frontend.params.lag_mask=3"]),
    Case(name: "RMS norm, cells have it", edits: ["convnet.params.block_configs.0.norm_type=rms"], truthNorm: "rms"),
    Case(name: "RMS norm, cells have none", edits: ["convnet.params.block_configs.0.norm_type=rms"]),
    Case(name: "GRN, cells have none", edits: ["convnet.params.block_configs.0.norm_type=grn"]),
    Case(name: "twice as many channels", edits: ["convnet.params.channels.0=12"]),
    Case(name: "kernels that sum to 0", edits: ["frontend.params.zero_sum=mean"]),
    Case(name: "cells weighed by the inverse of their rates", objective: Objective(rateWeight: 1)),
    Case(name: "correlation in the loss", objective: Objective(correlation: 0.5)),
    Case(name: "4 taps masked, cells answer from lag 2 on", edits: ["frontend.params.tap_mask=4"], latency: 2),
  ]

  /// Steps of the short training; the long one has 8 times as many.
  package var steps: Int
  package var training: Int
  package var heldOut: Int
  package var seeds: Int

  package init(steps: Int, training: Int, heldOut: Int, seeds: Int) {
    self.steps = steps
    self.training = training
    self.heldOut = heldOut
    self.seeds = seeds
  }

  /// - Throws: as `EffortForecast`.
  package func outcome(_ planted: Case, seed: UInt32) throws -> Outcome {
    let cells = 24
    let rates = (0..<cells).map { (5.0 + 45.0 * Double($0) / Double(cells - 1)) / 120 }
    let truth = try PlantedTwin(cells: cells, norm: planted.truthNorm, seed: seed).silent(before: planted.latency)
      .answering(rates, depth: 1.2, contrast: 0.3)
    // It has its cells' rates and nothing else yet.
    let start = try PlantedTwin(cells: cells, seed: seed &+ 1).answering(rates, depth: 0.3, contrast: 0.3)
    let edited = try start.edited(planted.edits).answering(rates, depth: 0.3, contrast: 0.3)
    var settings = TrainingSettings()
    settings.objective = planted.objective
    let set = try PlantedSet(truth, contrast: 0.3, training: training, heldOut: heldOut, seed: seed &+ 2)
    let arms = [(name: planted.name, twin: edited, settings: settings)]
    let short = try PlantedExperiments(training: training, heldOut: heldOut, steps: steps, seeds: seeds)
      .run(start, arms, on: [set], seed: seed, halvings: 3)
    let long = try PlantedExperiments(training: training, heldOut: heldOut, steps: 8 * steps, seeds: seeds)
      .run(start, arms, on: [set], seed: seed &+ 5000)
    guard let forecast = try EffortForecast(short.course, to: 8 * steps).forecast,
      let effect = long.result.bits(planted.name)?.difference
    else { throw Failure(.undefined, "\(planted.name): no cell has a score") }
    return Outcome(forecast: forecast, effect: effect)
  }
}
