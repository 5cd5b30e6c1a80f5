import Analysis
import Base
import Foundation
import Metrics
import Training
import Twin

/// Experiments as `whatif` runs them, on simulated sessions whose truth is known.
package struct PlantedExperiments: Sendable {
  /// Frames that are trained on, frames that are scored, and steps of both arms.
  package var training: Int
  package var heldOut: Int
  package var steps: Int
  package var seeds: Int
  package var batchSize = 32
  package var learningRate = 3e-3

  private static let contrast = 0.3
  /// Counts per bin of cells with 20 spikes/s.
  private static let rate = 20.0 / 120
  private static let depth = 1.2
  private static let disturbance = 0.3

  package init(training: Int, heldOut: Int, steps: Int, seeds: Int) {
    self.training = training
    self.heldOut = heldOut
    self.steps = steps
    self.seeds = seeds
  }

  // MARK: Latency

  /// Hides the newest frames from a twin, where the cells see the stimulus only from `latency` on.
  package func hiding(_ frames: Int, latency: Int, seed: UInt32) throws -> WhatIfResult {
    let cells = 24
    let truth = try PlantedTwin(cells: cells, seed: seed).silent(before: latency)
      .answering([Double](repeating: Self.rate, count: cells), depth: Self.depth, contrast: Self.contrast)
    let start = try truth.disturbed(by: Self.disturbance, seed: seed &+ 1)
    let set = try set(truth, seed: seed &+ 2)
    return try run(
      start, [("hidden", start.edited(["frontend.params.lag_mask=\(frames)"]), TrainingSettings())], on: [set],
      seed: seed
    ).result
  }

  // MARK: Chance

  /// Both arms are the same twin with dropout; only the noise of their dropout differs, which has no effect on average.
  package func chance(seed: UInt32) throws -> WhatIfResult {
    let rates = [Double](repeating: Self.rate, count: 24)
    let truth = try PlantedTwin(cells: rates.count, seed: seed)
      .answering(rates, depth: Self.depth, contrast: Self.contrast)
    let start = try truth.disturbed(by: Self.disturbance, seed: seed &+ 1)
      .edited(["convnet.params.block_configs.0.dropout=0.1"])
    let other = TrainingSettings(seed: 1_000_000 &+ seed)
    return try run(start, [("other", start, other)], on: [set(truth, seed: seed &+ 2)], seed: seed).result
  }

  // MARK: Gain

  /// The norms that are tried beside a control with `grn`.
  package static let norms = ["rms", "none"]

  /// The cells divide by the contrast, which the withheld stimulus has more of: `rms` can do that, `grn` and no norm can't.
  package func normalising(seed: UInt32) throws -> WhatIfResult {
    let rates = [Double](repeating: Self.rate, count: 24)
    func answering(_ twin: PlantedTwin) throws -> PlantedTwin {
      try twin.answering(rates, depth: Self.depth, contrast: Self.contrast)
    }
    let truth = try answering(PlantedTwin(cells: rates.count, norm: "rms", seed: seed))
    let disturbed = try truth.disturbed(by: Self.disturbance, seed: seed &+ 1)
    func arm(_ norm: String) throws -> PlantedTwin {
      try answering(norm == "rms" ? disturbed : disturbed.edited(["convnet.params.block_configs.0.norm_type=\(norm)"]))
    }
    let trained = try set(truth, seed: seed &+ 2)
    let withheld = try PlantedSet(
      truth, stimulus: "contrast", contrast: 3 * Self.contrast, training: 1, heldOut: heldOut, seed: seed &+ 3)
    return try run(
      arm("grn"), Self.norms.map { ($0, try arm($0), TrainingSettings()) }, on: [trained], withheld: [withheld],
      seed: seed
    ).result
  }

  // MARK: Rates

  /// Rates of the cells, in spikes/s.
  package static let rates = (0..<24).map { 0.5 * pow(100, Double($0) / 23) }

  /// Cells with 0.5 to 50 spikes/s, and a loss that weights each by rate^-power.
  package func favouring(power: Double, seed: UInt32) throws -> WhatIfResult {
    let truth = try PlantedTwin(cells: Self.rates.count, seed: seed)
      .answering(Self.rates.map { $0 / 120 }, depth: Self.depth, contrast: Self.contrast)
    let start = try truth.disturbed(by: Self.disturbance, seed: seed &+ 1)
    let weighted = TrainingSettings(objective: Objective(rateWeight: power))
    return try run(start, [("weighted", start, weighted)], on: [set(truth, seed: seed &+ 2)], seed: seed).result
  }

  // MARK: Effort

  /// What a quarter, a half and all of the steps forecast for eight times as many, and the effect that those have: hidden
  /// frames that the cells see, or do not see.
  package func forecasting(latency: Int, seed: UInt32) throws -> (forecast: EffortForecast.Point, actual: Double)? {
    let truth = try PlantedTwin(cells: 24, seed: seed).silent(before: latency)
      .answering([Double](repeating: Self.rate, count: 24), depth: Self.depth, contrast: Self.contrast)
    let start = try truth.disturbed(by: Self.disturbance, seed: seed &+ 1)
    let arm = ("hidden", try start.edited(["frontend.params.lag_mask=2"]), TrainingSettings())
    let set = try set(truth, seed: seed &+ 2)
    let short = try run(start, [arm], on: [set], seed: seed, halvings: 2)
    let forecast = try EffortForecast(short.course, to: 8 * short.steps).forecast
    var longer = self
    longer.steps = 8 * short.steps
    let long = try longer.run(start, [arm], on: [set], seed: seed).result.bits("hidden")?.difference
    guard let forecast, let long else { return nil }
    return (forecast, long)
  }

  // MARK: Running

  private func set(_ truth: PlantedTwin, seed: UInt32) throws -> PlantedSet {
    try PlantedSet(truth, contrast: Self.contrast, training: training, heldOut: heldOut, seed: seed)
  }

  private func run(
    _ control: PlantedTwin, _ edited: [(name: String, twin: PlantedTwin, settings: TrainingSettings)],
    on sets: [PlantedSet], withheld: [PlantedSet] = [], seed: UInt32, halvings: Int = 0
  ) throws -> WhatIfExperiment.Outcome {
    func arm(_ name: String, _ twin: PlantedTwin, _ settings: TrainingSettings) -> SideBySide.Arm {
      var settings = settings
      settings.learningRate = learningRate
      return SideBySide.Arm(name: name, architecture: twin.architecture, settings: settings, source: twin.source)
    }
    let experiment = WhatIfExperiment(
      [arm("control", control, TrainingSettings())] + edited.map { arm($0.name, $0.twin, $0.settings) },
      source: control.source, sets: sets, withheld: withheld, isFrozen: { _ in false },
      order: { order in
        SampledBatches(frames: sets.map(\.trainingFrames), composition: .mixed, batchSize: batchSize, seed: order)
      })
    return try experiment.run(
      seeds: (0..<UInt32(seeds)).map { seed &* 100 &+ $0 }, length: .steps(steps), halvings: halvings)
  }
}

extension WhatIfResult {
  /// The row of an arm, in bits/spike.
  package func bits(_ arm: String, _ role: String = "trained", _ group: String = "all") -> Row? {
    rows.first { $0.arm == arm && $0.role == role && $0.group == group && $0.metric == "bits_per_spike" }
  }
}
