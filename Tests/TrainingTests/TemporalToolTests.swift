import Base
import Formats
import Foundation
import Layers
import TestSupport
import Testing
import Training
import Twin

/// Masks, projections and penalties on the frontend's kernels, against values that PyTorch recorded.
@Suite("Temporal tools", .enabled(if: Fixtures.hasShared))
struct TemporalToolTests {
  static let twins = ["twin", "twin_lag0"]
  let archive: NpzArchive

  init() throws { archive = try NpzArchive(path: Fixtures.shared("penalties/penalties.npz")) }

  private func checkpoint(_ twin: String) throws -> Checkpoint {
    try Checkpoint(path: Fixtures.path("\(twin)/\(twin).ckpt"))
  }

  /// The architecture of a twin with options changed.
  private func architecture(_ checkpoint: Checkpoint, _ edits: [String]) throws -> TwinArchitecture {
    let configuration = try edits.reduce(#require(checkpoint.configuration)) {
      try ConfigurationEdit($1).applied(to: $0)
    }
    return try TwinArchitecture(configuration: configuration, source: checkpoint)
  }

  private func trainable(_ twin: String, _ edits: [String]) throws -> (TrainableTwin, FrontendFilters) {
    let checkpoint = try checkpoint(twin)
    let architecture = try architecture(checkpoint, edits)
    return (
      try TrainableTwin(architecture: architecture, source: checkpoint, heads: [0]),
      try #require(architecture.frontendFilters)
    )
  }

  private func expectClose(
    _ ours: [Float], _ theirs: [Float], relative: Float = 1e-4, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let largest = theirs.reduce(1e-6) { max($0, abs($1)) }
    #expect(ours.count == theirs.count, "\(what)", sourceLocation: sourceLocation)
    let worst = zip(ours, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst <= relative * largest, "\(what): off by \(worst)", sourceLocation: sourceLocation)
  }

  @Test(
    "Every penalty has the recorded value and gradient, on the kernels that act and on the stored ones",
    arguments: twins)
  func penalties(twin: String) throws {
    let (trainable, filters) = try trainable(twin, [])
    let kernels = try #require(trainable.effectiveKernels)
    expectClose(kernels.values, try archive.tensor("\(twin)/effective").values, "kernels")
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: Fixtures.shared("penalties/penalties.json"))))
    let recorded = try #require(((json as? [String: Any])?["values"] as? [String: [String: Double]])?[twin])
    #expect(recorded.count == 19)
    for (name, value) in recorded {
      let penalty = try AllKernelPenalties.named(name, rateHz: 120)
      let (own, slope) = try penalty.penalty(kernels.kernelRows)
      #expect(abs(own - value) <= 1e-5 * max(1e-3, abs(value)), "\(name): \(own), not \(value)")
      let gradient = Tensor(shape: kernels.shape, values: slope.joined().map(Float.init))
      expectClose(gradient.values, try archive.tensor("\(twin)/\(name)/grad_effective").values, name)
      let stored = try #require(trainable.gradients(ofEffectiveKernels: gradient)[filters.name])
      expectClose(stored.values, try archive.tensor("\(twin)/\(name)/grad_stored").values, "\(name), stored")
    }
  }

  @Test("Gradients of penalties are the slopes of their values")
  func slopes() throws {
    var random = MersenneTwister(seed: 5)
    let kernels = (0..<3).map { _ in (0..<9).map { _ in random.normal() } }
    for name in AllKernelPenalties.usual + ["lowfreq_ratio_fc7.5_n32"] {
      let penalty = try AllKernelPenalties.named(name, rateHz: 100)
      let gradient = try penalty.penalty(kernels).gradient
      for (row, tap) in [(0, 0), (1, 4), (2, 8)] {
        func value(_ step: Double) throws -> Double {
          var moved = kernels
          moved[row][tap] += step
          return try penalty.penalty(moved).value
        }
        let slope = try (value(1e-5) - value(-1e-5)) / 2e-5
        #expect(abs(slope - gradient[row][tap]) <= 1e-6 * max(1, abs(slope)), "\(name) at \(row), \(tap)")
      }
    }
  }

  @Test("A tap mask zeroes the first taps, and no gradient reaches what it zeroes", arguments: twins)
  func tapMask(twin: String) throws {
    let x = try archive.tensor("mask_x")
    let cotangent = try archive.tensor("\(twin)/mask_cotangent")
    for masked in 0...3 {
      let (trainable, filters) = try trainable(twin, ["frontend.params.tap_mask=\(masked)"])
      let kernels = try #require(trainable.effectiveKernels)
      #expect(kernels.kernelRows.allSatisfy { $0.prefix(masked).allSatisfy { $0 == 0 } })
      // Output and gradient of the frontend alone: y[n, c, t] = sum over taps of K[c, tap] x[n, t + tap].
      let (taps, pixels, times) = (kernels.shape[1], 25, 7)
      var y = [Float](repeating: 0, count: cotangent.values.count)
      var gradient = [Float](repeating: 0, count: kernels.values.count)
      for sample in 0..<2 {
        for kernel in 0..<4 {
          for time in 0..<times {
            for pixel in 0..<pixels {
              let place = ((sample * 4 + kernel) * times + time) * pixels + pixel
              for tap in 0..<taps {
                let input = x.values[(sample * 18 + time + tap) * pixels + pixel]
                y[place] += kernels.values[kernel * taps + tap] * input
                gradient[kernel * taps + tap] += cotangent.values[place] * input
              }
            }
          }
        }
      }
      expectClose(y, try archive.tensor("\(twin)/tapmask\(masked)/y").values, "mask \(masked)")
      let stored = trainable.gradients(ofEffectiveKernels: Tensor(shape: kernels.shape, values: gradient))
      expectClose(
        try #require(stored[filters.name]).values, try archive.tensor("\(twin)/tapmask\(masked)/grad_stored").values,
        "gradient under mask \(masked)")
    }
  }

  @Test("A masked twin predicts the recorded rates, by taps and by lags", arguments: twins)
  func maskedRates(twin: String) throws {
    let checkpoint = try checkpoint(twin)
    for set in try RecordedSet.both() {
      let frames = try archive.integers("\(twin)/frames/\(set.session)")
      let input = try set.batch(frames).input
      for (kind, option) in [("tapmask", "tap_mask"), ("lagmask", "lag_mask")] {
        for masked in 1...3 {
          let architecture = try architecture(checkpoint, ["frontend.params.\(option)=\(masked)"])
          let network = try TwinNetwork(architecture: architecture, source: checkpoint, heads: [set.head])
          let rates = try network.forward(input, head: set.head).rates
          let recorded = try archive.tensor("\(twin)/\(kind)\(masked)/rate/\(set.session)")
          expectClose(rates.values, recorded.values, "\(kind) \(masked) on \(set.session)")
          // Separate windows see the same.
          guard masked == 2 else { continue }
          let windows = try #require(input.windows)
          let stimulus = try TwinInput(stimulus: set.stimulus.windows(frames: Array(frames.prefix(4))))
          #expect(windows.steps.count == frames.count)
          let separate = try network.forward(stimulus, head: set.head).rates
          expectClose(separate.values, Array(rates.values.prefix(separate.values.count)), relative: 1e-5, "separate")
        }
      }
    }
  }

  @Test("Under a lag mask no gradient reaches the masked frames, and the others get theirs")
  func lagMaskGradient() throws {
    let checkpoint = try checkpoint("twin_lag0")
    let set = try RecordedSet(session: "Sim_2025-01-10", head: 0)
    let stimulus = try set.stimulus.windows(frames: Array(set.trainingFrames.prefix(3)))
    let trainable = try TrainableTwin(
      architecture: architecture(checkpoint, ["frontend.params.lag_mask=2"]), source: checkpoint, heads: [0])
    func loss(_ stimulus: Tensor) throws -> TwinGradients {
      try trainable.gradients(TwinInput(stimulus: stimulus), head: 0, mode: .eval) { outputs in
        (
          outputs.values.reduce(0) { $0 + Double($1) },
          Tensor(shape: outputs.shape, values: outputs.values.map { _ in 1 })
        )
      }
    }
    let gradient = try #require(try loss(stimulus).stimulus)
    let (times, pixels) = (stimulus.shape[2], stimulus.shape[3] * stimulus.shape[4])
    var sums = [Float](repeating: 0, count: times)
    for place in gradient.values.indices { sums[place / pixels % times] += abs(gradient.values[place]) }
    #expect(sums.prefix(2).allSatisfy { $0 == 0 } && sums.dropFirst(2).contains { $0 > 0 })
    // What the masked frames show changes nothing.
    var other = stimulus
    for place in other.values.indices where place / pixels % times < 2 { other.values[place] = 0.7 }
    #expect(try loss(other).loss == loss(stimulus).loss)
  }

  @Test("Projections give the recorded kernels and gradients", arguments: twins)
  func projections(twin: String) throws {
    let cotangent = (0..<48).map { Float(-1 + 2 * Double($0) / 47) }
    for kind in ["mean", "window"] {
      for masked in [0, 2] {
        let (trainable, filters) = try trainable(
          twin, ["frontend.params.tap_mask=\(masked)", "frontend.params.zero_sum=\(kind)"])
        let kernels = try #require(trainable.effectiveKernels)
        let name = "\(twin)/project_\(kind)_N\(masked)"
        expectClose(kernels.values, try archive.tensor("\(name)/kernel").values, name)
        let stored = trainable.gradients(ofEffectiveKernels: Tensor(shape: kernels.shape, values: cotangent))
        expectClose(
          try #require(stored[filters.name]).values, try archive.tensor("\(name)/grad_stored").values,
          "\(name), gradient")
      }
    }
    let filters = try trainable(twin, []).1
    expectClose(
      filters.zeroSummed(try checkpoint(twin).tensor(filters.name).values),
      try archive.tensor("\(twin)/project_stored/stored").values, "project_stored")
  }

  /// How a recorded training with a tool was set up.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var edits: [String] = []
    var penalty: (name: String, weight: Double)?
    var zeroSum = false

    var testDescription: String { name }
  }

  static let trainings = [
    Case(name: "none"), Case(name: "tapmask2", edits: ["frontend.params.tap_mask=2"]),
    Case(name: "lowfreq", penalty: ("lowfreq_ratio_fc15", 0.05)),
    Case(name: "lowfreq_raw", penalty: ("lowfreq_raw_fc15", 0.02)),
    Case(name: "recent", penalty: ("recent_pooled_N1", 0.1)),
    Case(name: "derivative_soft", penalty: ("derivative_soft", 0.05)), Case(name: "project_mean", zeroSum: true),
  ]

  @Test("A training with each tool replays: losses, penalties and the kernels after it", arguments: trainings)
  func replay(_ recorded: Case) throws {
    let checkpoint = try checkpoint("twin_lag0")
    let architecture = try architecture(checkpoint, recorded.edits)
    let sets = try RecordedSet.both()
    var settings = TrainingSettings(
      learningRate: 1e-3, coreScale: 3, weightDecay: 1e-4, clip: nil, usesProximalSteps: false)
    settings.zeroSumKernels = recorded.zeroSum
    if let (name, weight) = recorded.penalty {
      settings.kernelPenalties = [try WeightedKernelPenalty(name, weight: weight, rateHz: 120)]
    }
    var trainer = try Trainer(architecture: architecture, source: checkpoint, heads: [0, 1], settings: settings)
    let frames = try archive.integers("train/frames")
    let datasets = try archive.integers("train/dataset")
    let (losses, penalties) = (
      try archive.doubles("train/\(recorded.name)/loss"), try archive.doubles("train/\(recorded.name)/penalty")
    )
    let width = frames.count / datasets.count
    for (index, dataset) in datasets.enumerated() {
      let rows = frames[index * width..<(index + 1) * width].filter { $0 >= 0 }
      let record = try trainer.take(
        TrainingStep(epoch: 0, microBatches: [[.init(dataset: dataset, frames: rows)]]), from: sets)
      #expect(abs(record.loss - losses[index]) <= 1e-3 * abs(losses[index]), "loss of step \(index)")
      let penalty = record.penalties.first { $0.name == recorded.penalty?.name }?.value ?? 0
      #expect(abs(penalty - penalties[index]) <= 1e-3 * abs(penalties[index]) + 1e-9, "penalty of step \(index)")
    }
    // The recorded kernels are windowed, but not masked.
    let unmasked = try self.architecture(checkpoint, [])
    let kernels = try #require(
      try TwinNetwork(architecture: unmasked, source: trainer.store, heads: [0]).effectiveKernels)
    let before = try #require(
      try TwinNetwork(architecture: unmasked, source: checkpoint, heads: [0]).effectiveKernels)
    let theirs = try archive.tensor("train/\(recorded.name)/kernel").values
    let way = zip(theirs, before.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
    let worst = zip(kernels.values, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst <= 0.05 * way + 3e-5, "off by \(worst), it moved by \(way)")
  }

  @Test("A penalty on a frozen frontend is refused, and an unknown one is named")
  func refusals() throws {
    let checkpoint = try checkpoint("twin")
    let architecture = try architecture(checkpoint, [])
    var settings = TrainingSettings()
    settings.kernelPenalties = [try WeightedKernelPenalty("derivative_soft", weight: 1, rateHz: 120)]
    let failure = try #require(throws: Failure.self) {
      try Trainer(
        architecture: architecture, source: checkpoint, heads: [0], settings: settings,
        isFrozen: { $0.part == .frontend })
    }
    #expect(failure.message.contains("the frontend is frozen"))
    for name in [
      "lowfreq_ratio", "lowfreq_ratio_fc", "lowfreq_ratio_fc-3", "recent_pooled_N0", "recent_pooled_N1.5", "x",
    ] {
      let failure = try #require(throws: Failure.self) { try AllKernelPenalties.named(name, rateHz: 120) }
      #expect(failure.message == "there is no penalty `\(name)`")
    }
    let short = try #require(throws: Failure.self) {
      try AllKernelPenalties.named("recent_pooled_N20", rateHz: 120).penalty([[1, 2]])
    }
    #expect(short.message == "20 taps of a kernel that has 2")
    let all = try #require(throws: Failure.self) {
      try self.architecture(checkpoint, ["frontend.params.tap_mask=12"])
    }
    #expect(all.message.contains("leaves none of the 12 taps"))
  }
}
