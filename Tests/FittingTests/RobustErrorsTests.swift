import Base
import Fitting
import Foundation
import Testing

@Suite("Standard errors of gain from the spread over trials")
struct RobustErrorsTests {
  /// One cell in trials of 120 bins; each trial's gain varies with this coefficient.
  func predictions(trials: Int, variation: Double, seed: UInt32 = 1) -> Predictions {
    var generator = MersenneTwister(seed: seed)
    var rates: [Float] = []
    var counts: [Float] = []
    for _ in 0..<trials {
      let own = max(0, 1 + variation * generator.normal())
      for _ in 0..<120 {
        let rate = 0.2 * exp(0.7 * generator.normal())
        rates.append(Float(rate))
        counts.append(Float(SimulatedPredictions.poisson(own * (0.7 * rate + 0.1), &generator)))
      }
    }
    return SimulatedPredictions.cell(rates: rates, counts: counts, trials: rates.indices.map { $0 / 120 })
  }

  @Test("They are those of leaving out one trial after the other, to first order")
  func jackknife() throws {
    let predictions = predictions(trials: 20, variation: 0.3)
    let calibration = try Calibrator.calibrate(predictions, mode: .affine, inSample: true)
    let errors = try #require(try RobustErrors.of(calibration, predictions)[0])
    let gain = try #require(calibration.cells[0].gain)
    var squares = 0.0
    for left in 0..<20 {
      let rows = predictions.frames.indices.filter { $0 / 120 != left }
      let part = try Calibrator.calibrate(predictions.gathering(rows: rows), mode: .affine, inSample: true)
      let change = try #require(part.cells[0].gain) - gain
      squares += change * change
    }
    let expected = (19.0 / 20 * squares).squareRoot()
    #expect(abs(errors.gain / expected - 1) < 0.1)
    #expect(errors.trials == 20)
  }

  @Test("With Poisson counts they are near those of the Fisher information, with varying trials they are larger")
  func poisson() throws {
    func ratio(_ variation: Double) throws -> Double {
      let predictions = predictions(trials: 200, variation: variation)
      let calibration = try Calibrator.calibrate(predictions, mode: .affine)
      let robust = try #require(try RobustErrors.of(calibration, predictions)[0])
      return robust.gain / (try #require(calibration.cells[0].gainStandardError))
    }
    #expect(try (0.8...1.25).contains(ratio(0)))
    #expect(try ratio(0.6) > 1.3)
  }

  @Test("Fewer than 8 trials have none, and without trials blocks of a second take their place")
  func few() throws {
    func errors(_ predictions: Predictions) throws -> RobustErrors? {
      try RobustErrors.of(Calibrator.calibrate(predictions, mode: .affine), predictions)[0]
    }
    #expect(try errors(predictions(trials: 7, variation: 0)) == nil)
    var blocks = predictions(trials: 10, variation: 0)
    blocks.trials = nil
    #expect(try errors(blocks)?.trials == 10)
  }
}
