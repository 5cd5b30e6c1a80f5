import Base
import Fitting
import Foundation
import Kernels
import Testing

@Suite("A label for each readout")
struct ReadoutVerdictTests {
  private func verdicts(
    _ data: SimulatedFeatures, rows: Int, penalty: Double
  ) throws -> [ReadoutVerdict?] {
    var options = ReadoutRefitOptions(l2: penalty)
    options.starts = 1
    options.maxIterations = 100
    let path = try PenaltyPath(
      over: Set([0.0001, 0.003, 0.03, 0.3] + [penalty]).sorted(), features: FeatureArray(data.features),
      counts: data.counts, mask: data.mask, trainRows: Array(0..<rows), frames: Array(0..<rows),
      trials: (0..<rows).map { $0 / 20 }, rateHz: 20, options: options)
    let richer = try LinearNonlinearModel(
      ratesOf: [], features: PooledFeatures(FeatureArray(data.features)), counts: data.counts, mask: data.mask,
      trainRows: Array(0..<rows), frames: Array(0..<rows), trials: (0..<rows).map { $0 / 20 }, rateHz: 20)
    return data.truth.indices.map { ReadoutVerdict(path, cell: $0, penalty: penalty, richer: richer.losses[$0]) }
  }

  @Test("Visual cells with a sensible penalty are well fitted, with a huge one underfitted") func visual() throws {
    let data = SimulatedFeatures(rows: 1200, cells: 10, seed: 31)
    #expect(try verdicts(data, rows: 1200, penalty: 0.003).count { $0 == .wellFitted } >= 9)
    #expect(try verdicts(data, rows: 1200, penalty: 30).count { $0 == .underfitted } >= 9)
  }

  @Test("Cells that read two places are underfitted: a Gaussian can't have both, and a richer model predicts better")
  func twoPlaces() throws {
    var data = SimulatedFeatures(rows: 1200, cells: 10, seed: 35)
    var generator = MersenneTwister(seed: 8)
    for (cell, truth) in data.truth.enumerated() {
      let masks = [(-1.7, -2.0), (1.7, 2.0)].map { y, x in
        GaussianMask(meanY: y, meanX: x, stdY: 0.8, stdX: 0.8, theta: 0).values(height: 6, width: 7)
      }
      for row in 0..<1200 {
        var output = truth.bias
        for (channel, weight) in truth.weights.enumerated() {
          for pixel in 0..<42 {
            output +=
              weight * (masks[0][pixel] - masks[1][pixel])
              * Double(data.features.values[(row * 3 + channel) * 42 + pixel])
          }
        }
        data.counts.values[row * 10 + cell] = Float(
          SimulatedPredictions.poisson(Softplus.value(output), &generator))
      }
    }
    let found = try verdicts(data, rows: 1200, penalty: 0.003)
    #expect(found.count { $0 == .underfitted } >= 9, "\(found)")
  }

  @Test("Cells with many channels, few rows and no penalty are overfitted") func overfitted() throws {
    let data = SimulatedFeatures(rows: 300, channels: 32, cells: 10, seed: 32, scale: 0.2)
    let found = try verdicts(data, rows: 300, penalty: 0)
    #expect(found.count { $0 == .overfitted } >= 9, "\(found)")
  }

  @Test("Cells whose counts do not follow the features are not visual") func notVisual() throws {
    var data = SimulatedFeatures(rows: 1200, cells: 10, seed: 33)
    data.counts = data.counts.gathering(rows: (0..<1200).map { ($0 * 571 + 13) % 1200 })
    #expect(try verdicts(data, rows: 1200, penalty: 0.003).count { $0 == .notVisual } >= 9)
  }

  @Test("Cells with a few dozen spikes have too few data") func tooFew() throws {
    var data = SimulatedFeatures(rows: 400, cells: 10, seed: 34)
    var generator = MersenneTwister(seed: 3)
    for place in data.counts.values.indices {
      data.counts.values[place] = generator.uniform() < 0.08 ? 1 : 0
    }
    #expect(try verdicts(data, rows: 400, penalty: 0.003).count { $0 == .tooFewData } >= 9)
  }
}
