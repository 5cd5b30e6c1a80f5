import Base
import Foundation
import Training
import Twin

/// Frames of Gaussian noise, new in every bin.
package struct NoiseFrames: Sendable {
  private let images: Tensor

  package init(count: Int, contrast: Double, seed: UInt32) {
    var random = MersenneTwister(seed: seed)
    let side = PlantedTwin.side
    let rows = count + PlantedTwin.lags
    images = Tensor(
      shape: [rows, 1, side, side], values: (0..<rows * side * side).map { _ in Float(contrast * random.normal()) })
  }

  /// The windows of some frames, the newest frame first.
  package func input(_ frames: [Int]) -> TwinInput {
    let lags = PlantedTwin.lags
    let windows = frames.map { frame in (0..<lags).map { frame + lags - 1 - $0 } }
    let needed = Set(windows.joined()).sorted()
    let places = Dictionary(uniqueKeysWithValues: needed.enumerated().map { ($1, $0) })
    return TwinInput(
      windows: .init(frames: images.gathering(rows: needed), steps: windows.map { $0.compactMap { places[$0] } }))
  }
}

/// Poisson counts that a planted twin drew for frames of noise.
package struct PlantedSet: TrainingSet {
  package let label: String
  package let session: String
  package let head = 0
  package let cids: [Int]
  package let trainingFrames: [Int]
  package let validationFrames: [Int]
  package let meanCounts: [Double?]
  private let frames: NoiseFrames
  private let counts: Tensor

  /// - Parameters:
  ///   - truth: whose rates the counts are drawn from.
  ///   - stimulus: what tables call it.
  ///   - training, heldOut: frames.
  /// - Throws: as `TwinNetwork`.
  package init(
    _ truth: PlantedTwin, stimulus: String = "noise", contrast: Double, training: Int, heldOut: Int, seed: UInt32
  ) throws {
    label = "planted/\(stimulus)"
    session = "Planted_2025-01-01"
    trainingFrames = Array(0..<training)
    validationFrames = Array(training..<training + heldOut)
    let count = training + heldOut
    frames = NoiseFrames(count: count, contrast: contrast, seed: seed)
    let network = try TwinNetwork(architecture: truth.architecture, source: truth.source, heads: [0])
    var random = MersenneTwister(seed: seed &+ 1)
    var drawn: [Float] = []
    for start in stride(from: 0, to: count, by: 256) {
      let rates = try network.forward(frames.input(Array(start..<min(count, start + 256))), head: 0).rates
      drawn += rates.values.map { Float(Self.poisson(Double($0), &random)) }
    }
    let cells = drawn.count / max(1, count)
    counts = Tensor(shape: [count, cells], values: drawn)
    cids = Array(0..<cells)
    meanCounts = (0..<cells).map { cell in
      (0..<training).reduce(0.0) { $0 + Double(drawn[$1 * cells + cell]) } / Double(max(1, training))
    }
  }

  package func batch(_ frames: [Int]) throws -> TrainingBatch {
    TrainingBatch(input: self.frames.input(frames), counts: counts.gathering(rows: frames), mask: nil)
  }

  package func responses(_ frames: [Int]) throws -> TrainingBatch {
    TrainingBatch(input: .init(), counts: counts.gathering(rows: frames), mask: nil)
  }

  /// Knuth's product of uniform numbers; rates are a few counts a bin at most.
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
