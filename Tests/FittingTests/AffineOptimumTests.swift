import Base
import Fitting
import Foundation
import Testing

@Suite struct AffineOptimumTests {
  /// Mean loss of `g r + b`.
  private func loss(_ predictions: Predictions, _ gain: Double, _ offset: Double) -> Double {
    var sum = 0.0
    for (rate, count) in zip(predictions.rates.values, predictions.counts.values) {
      let scaled = gain * Double(rate) + offset
      if scaled < 1e-8 * 0.999 { return .infinity }
      sum += scaled - Double(count) * log(scaled)
    }
    return sum / Double(predictions.frameCount)
  }

  @Test("No neighbouring gain and offset is better", arguments: [1, 2, 3, 4, 5, 6] as [UInt32])
  func noNeighbourIsBetter(seed: UInt32)
    throws
  {
    var generator = MersenneTwister(seed: seed)
    let scale = (gain: 3 * generator.uniform(), offset: 0.2 * generator.uniform() - 0.05)
    let predictions = SimulatedPredictions.make(rows: 400, scales: [scale], floor: 0.05, seed: seed)
    let cell = try Calibrator.calibrate(predictions, mode: .affine, inSample: true).cells[0]
    let gain = try #require(cell.gain)
    let offset = try #require(cell.offset)
    let best = loss(predictions, gain, offset)
    #expect(best.isFinite)
    for step in [1e-4, 1e-2, 0.3] {
      for direction in 0..<16 {
        let angle = Double(direction) * .pi / 8
        let g = max(0, gain + step * cos(angle))
        let b = offset + step * 0.1 * sin(angle)
        #expect(loss(predictions, g, b) >= best - 1e-9)
      }
    }
  }

  @Test("The optimum predicts as many spikes as there are") func predictsAsManySpikesAsThereAre() throws {
    let predictions = SimulatedPredictions.make(rows: 1000, scales: [(gain: 0.3, offset: 0.2)])
    let cell = try Calibrator.calibrate(predictions, mode: .affine, inSample: true).cells[0]
    let calibration = Calibration(mode: .affine, heldOut: false, cells: [cell])
    let scaled = predictions.rescaled(by: calibration.rescalings)
    let predicted = scaled.rates.values.reduce(0.0) { $0 + Double($1) }
    let observed = predictions.counts.values.reduce(0.0) { $0 + Double($1) }
    #expect(abs(predicted - observed) < 1e-5 * observed)
  }

  @Test("The optimum is found from any start") func convergesFromAnyStart() throws {
    let predictions = SimulatedPredictions.make(rows: 1000, scales: [(gain: 0.3, offset: 0.2)])
    let sums = try ResponseSums(predictions, slots: [UInt8](repeating: 0, count: 1000), work: .silent)
    let reference = AffineOptimum(sums, cells: [sums[0]], smallest: sums[0].smallest)
    for start in [0, 1e-6, 0.01, 0.99, 1] {
      let found = AffineOptimum(sums, cells: [sums[0]], smallest: sums[0].smallest, start: start)
      #expect(found.converged)
      #expect(abs(found.gain - reference.gain) < 1e-7)
    }
  }

  @Test("A spike at the lowest rate keeps that rate away from zero")
  func aSpikeAtTheLowestRateKeepsThatRateAwayFromZero() throws {
    let cell = try Calibrator.calibrate(
      SimulatedPredictions.cell(rates: [0, 0.2, 0.3, 0.4], counts: [1, 4, 6, 20]), mode: .affine, inSample: true
    ).cells[0]
    #expect(try #require(cell.offset) > 0.01)
    #expect(cell.converged == true)
  }
}
