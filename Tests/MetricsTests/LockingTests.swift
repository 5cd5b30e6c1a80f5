import Base
import Foundation
import Metrics
import Testing

@Suite("Whether a cell responds at all")
struct LockingTests {
  /// Counts of 20 trials of 60 bins, with or without a rate that repeats.
  func repeats(modulation: Double, trials: Int = 20) throws -> Repeats {
    var generator = MersenneTwister(seed: 5)
    let rows = trials * 60
    let rates = (0..<rows).map { Float(0.3 * (1 + modulation * sin(Double($0 % 60) / 4))) }
    let counts = rates.map { Float(generator.uniform() < Double($0) ? 1 : 0) }
    let predictions = Predictions(
      cids: [1], frames: Array(0..<rows), trials: (0..<rows).map { $0 / 60 }, trialBins: (0..<rows).map { $0 % 60 },
      rates: Tensor(shape: [rows, 1], values: rates), counts: Tensor(shape: [rows, 1], values: counts),
      mask: Tensor(shape: [rows, 1], values: [Float](repeating: 1, count: rows)), rateHz: 120)
    return try RepeatLayout(predictions).repeats(of: predictions, cell: 0)
  }

  @Test("The responses of a cell to repeats agree, those of a cell with a constant rate do not")
  func stimulus() throws {
    #expect(try StimulusLocking(repeats(modulation: 0.9)).p == 1.0 / 500)
    #expect(try StimulusLocking(repeats(modulation: 0)).p > 0.05)
    #expect(try StimulusLocking(repeats(modulation: 0.9)).trialCount == 20)
  }

  @Test("Ctrl-C ends splits into halves without a number")
  func interrupted() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    let failure = #expect(throws: Failure.self) {
      try Cancellation.$current.withValue(cancellation) { try repeats(modulation: 0.9) }
    }
    #expect(failure?.kind == .interrupted)
  }

  @Test("With too few trials the test is undefined")
  func fewTrials() throws {
    let few = try repeats(modulation: 0.9, trials: 3)
    #expect(throws: Undefined.tooFewTrials) { _ = try StimulusLocking(few) }
  }

  @Test("Counts follow the rate from which they were drawn, whatever its scale, and not the same rate reversed")
  func prediction() throws {
    var generator = MersenneTwister(seed: 8)
    var level = 0.0
    let rates = (0..<1200).map { _ -> Float in
      level = 0.8 * level + 0.3 * generator.normal()
      return Float(min(0.9, 0.2 * exp(level)))
    }
    let counts = rates.map { Float(generator.uniform() < Double($0) ? 1 : 0) }
    let own = try PredictionLocking(MaskedSeries(rates: rates.map { 7 * $0 + 1 }, counts: counts))
    #expect(own.p == 1.0 / 500 && own.r > 0.1)
    let other = try PredictionLocking(MaskedSeries(rates: Array(rates.reversed()), counts: counts))
    #expect(other.p > 0.05)
  }

  @Test(
    "With too few bins, or a constant rate, the test is undefined",
    arguments: [(0, Undefined.tooFewBins), (1, .constantPrediction)])
  func undefined(length: Int, reason: Undefined) {
    let count = length == 0 ? 10 : 40
    let series = MaskedSeries(
      rates: [Float](repeating: 1, count: count), counts: (0..<count).map { Float($0 % 2) })
    #expect(throws: reason) { _ = try PredictionLocking(series) }
  }
}
