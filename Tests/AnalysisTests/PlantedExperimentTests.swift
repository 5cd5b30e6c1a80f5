import Analysis
import Base
import Formats
import Foundation
import TestSupport
import Testing
import Training
import Twin

/// Counts that a twin with known options drew, for windows of noise: the truth of an experiment is known.
private struct PlantedSet: TrainingSet {
  static let cells = 24
  private static let (lags, side) = (18, 25)

  let label = "planted/noise"
  let session = "Planted_2025-01-01"
  let head = 0
  let trainingFrames = Array(0..<160)
  let validationFrames = Array(160..<400)
  let meanCounts: [Double?]
  private let images: [[Float]]
  private let counts: Tensor

  /// - Parameter truth: what answers to the noise; counts are Poisson counts at `scale` times its rates.
  init(_ truth: EditedTwin, scale: Double, seed: UInt32) throws {
    var random = MersenneTwister(seed: seed)
    // Squares of 5 by 5 pixels.
    images = (0..<400 + Self.lags).map { _ in
      let values = (0..<25).map { _ in Float(random.uniform() < 0.5 ? -0.3 : 0.3) }
      return (0..<Self.side * Self.side).map { values[$0 / Self.side / 5 * 5 + $0 % Self.side / 5] }
    }
    let network = try TwinNetwork(architecture: truth.architecture, source: truth.source, heads: [0])
    var drawn: [Float] = []
    for start in stride(from: 0, to: 400, by: 80) {
      let rates = try network.forward(Self.input(Array(start..<start + 80), images), head: 0).rates
      drawn += rates.values.map { Float(Self.poisson(scale * Double($0), &random)) }
    }
    counts = Tensor(shape: [400, Self.cells], values: drawn)
    let trained = counts.gathering(rows: trainingFrames)
    meanCounts = (0..<Self.cells).map { cell in
      stride(from: cell, to: trained.values.count, by: Self.cells).reduce(0.0) { $0 + Double(trained.values[$1]) } / 160
    }
  }

  private static func input(_ frames: [Int], _ images: [[Float]]) -> TwinInput {
    // The newest frame first.
    let values = frames.flatMap { frame in (0..<lags).flatMap { images[frame + lags - 1 - $0] } }
    return TwinInput(stimulus: Tensor(shape: [frames.count, 1, lags, side, side], values: values))
  }

  func batch(_ frames: [Int]) throws -> TrainingBatch {
    TrainingBatch(input: Self.input(frames, images), counts: counts.gathering(rows: frames), mask: nil)
  }

  private static func poisson(_ rate: Double, _ random: inout MersenneTwister) -> Int {
    let limit = exp(-rate)
    var (count, product) = (-1, 1.0)
    repeat {
      count += 1
      product *= random.uniform()
    } while product > limit
    return count
  }
}

@Suite("Experiments whose truth was planted")
struct PlantedExperimentTests {
  /// The effect on held-out bits/spike of hiding the newest frames, where the counts come from a twin that does not see
  /// `latency` of them.
  private func effect(ofMask mask: Int, latency: Int) throws -> WhatIfResult.Row {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(configuration: #require(checkpoint.configuration), source: checkpoint)
    func hiding(_ frames: Int) throws -> EditedTwin {
      try EditedTwin(
        architecture, source: checkpoint, edits: ["frontend.params.lag_mask=\(frames)"], seed: 1)
    }
    let set = try PlantedSet(hiding(latency), scale: 2, seed: 21)
    var settings = TrainingSettings()
    settings.learningRate = 1e-4
    let edited = try hiding(mask)
    let experiment = WhatIfExperiment(
      [
        .init(name: "control", architecture: architecture, settings: settings),
        .init(name: "mask", architecture: edited.architecture, settings: settings, source: edited.source),
      ], source: checkpoint, sets: [set], withheld: [], isFrozen: { _ in false },
      order: { SampledBatches(frames: [set.trainingFrames], composition: .mixed, batchSize: 16, seed: $0) })
    let rows = try experiment.run(seeds: [1], length: .steps(4)).result.rows
    return try #require(rows.first { $0.group == "all" && $0.metric == "bits_per_spike" })
  }

  @Test("Hiding the newest frames costs nothing where the cells answer later than that")
  func free() throws {
    let row = try effect(ofMask: 6, latency: 6)
    #expect(row.cells == PlantedSet.cells)
    // It is the truth from the start, and the control still has to learn it.
    #expect(try #require(row.interval).lower > 0)
  }

  @Test("It costs where the cells answer earlier")
  func costly() throws {
    #expect(try #require(effect(ofMask: 6, latency: 0).interval).upper < 0)
  }
}
