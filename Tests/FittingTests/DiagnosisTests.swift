import Base
import Fitting
import Foundation
import Metrics
import Testing

@Suite("Remedies that why tries")
struct DiagnosisTests {
  /// A cell whose rate goes up and down smoothly, 40 trials of a second, with counts drawn from `rate`.
  func cell(seed: UInt32 = 3, _ rate: (_ frame: Int, _ predicted: [Float]) -> Double) -> Predictions {
    var generator = MersenneTwister(seed: seed)
    var level = 0.0
    let rates = (0..<4800).map { _ -> Float in
      level = 0.9 * level + 0.44 * generator.normal()
      return Float(0.15 * exp(level))
    }
    let counts = rates.indices.map { Float(SimulatedPredictions.poisson(rate($0, rates), &generator)) }
    return SimulatedPredictions.cell(rates: rates, counts: counts, trials: rates.indices.map { $0 / 120 })
  }

  @Test("A difference in bits per spike is that of the scores, and nothing for the same rates")
  func paired() throws {
    let predictions = cell { Double($1[$0]) }
    let series = MaskedSeries(predictions, cell: 0)
    let worse = series.rates.map { 0.5 * $0 + 0.05 }
    let rows = Array(series.rates.indices)
    var other = series
    other.rates = worse
    let better = try #require(BitsPerSpike.score(series.sums, nullMean: nil).value)
    let poorer = try #require(BitsPerSpike.score(other.sums, nullMean: nil).value)
    let paired = try #require(PairedLikelihood(series.rates, over: worse, of: series, rows: rows))
    #expect(abs(paired.difference - (better - poorer)) < 1e-9)
    #expect(paired.z > 3)
    let same = try #require(PairedLikelihood(worse, over: worse, of: series, rows: rows))
    #expect(same == PairedLikelihood(worse, over: worse, of: series, rows: rows))
    #expect(same.difference == 0 && same.z == 0)
  }

  @Test("Repeats are grouped by place: too few places give no result, more give the same difference")
  func repeatedPlaces() throws {
    let predictions = cell { Double($1[$0]) }
    let series = MaskedSeries(predictions, cell: 0)
    let rows = Array(series.rates.indices)
    let worse = series.rates.map { 0.9 * $0 + 0.01 }
    #expect(PairedLikelihood(series.rates, over: worse, of: series, rows: rows, places: rows.map { $0 % 24 }) == nil)
    let grouped = try #require(
      PairedLikelihood(series.rates, over: worse, of: series, rows: rows, places: rows.map { $0 % 120 }))
    let free = try #require(PairedLikelihood(series.rates, over: worse, of: series, rows: rows))
    #expect(abs(grouped.difference - free.difference) < 1e-9)
  }

  @Test("Frames outside of the repeats are blocks of their own, as without repeats")
  func outsideRepeats() throws {
    let predictions = cell { Double($1[$0]) }
    let series = MaskedSeries(predictions, cell: 0)
    let rows = Array(series.rates.indices)
    let worse = series.rates.map { 0.5 * $0 + 0.05 }
    let outside = PairedLikelihood(series.rates, over: worse, of: series, rows: rows, places: rows.map { _ in -1 })
    #expect(outside == PairedLikelihood(series.rates, over: worse, of: series, rows: rows))
    // Repeats first, then frames outside of them, without a gap between.
    let mixed = PairedLikelihood(
      series.rates, over: worse, of: series, rows: rows, places: rows.map { $0 < 2400 ? $0 % 120 : -1 })
    #expect(try abs(#require(mixed).difference - #require(outside).difference) < 1e-9)
  }

  @Test("A rate that falls to a fifth is found, one that stays is not")
  func slowGain() throws {
    let falling = cell { (1.4 - 1.1 * Double($0) / 4800) * Double($1[$0]) }
    let found = try #require(SlowGain(MaskedSeries(falling, cell: 0), trials: falling.trials))
    #expect(found.p <= 0.01)
    #expect(found.first > 1.1 && found.last < 0.6)
    let rows = Array(0..<4800)
    let series = MaskedSeries(falling, cell: 0)
    #expect(try #require(PairedLikelihood(found.rates, over: series.rates, of: series, rows: rows)).difference > 0.03)
    let steady = cell { Double($1[$0]) }
    #expect(try #require(SlowGain(MaskedSeries(steady, cell: 0), trials: steady.trials)).p > 0.05)
  }

  @Test("With too few trials the drift is undefined")
  func fewTrials() {
    let short = SimulatedPredictions.cell(
      rates: [Float](repeating: 1, count: 50), counts: [Float](repeating: 1, count: 50),
      trials: (0..<50).map { $0 / 10 })
    #expect(SlowGain(MaskedSeries(short, cell: 0), trials: short.trials) == nil)
  }

  @Test("Counts that come late or early are found to the bin", arguments: [-4, 0, 3])
  func latency(delay: Int) throws {
    let predictions = cell { frame, rates in
      let source = frame - delay
      return rates.indices.contains(source) ? Double(rates[source]) : 0.1
    }
    let scale = try #require(try HeldOutScale(predictions))
    let shift = try #require(try LatencyShift(predictions, unshifted: scale.rates))
    #expect(shift.bins == delay)
    #expect(shift.rates.count == 4800)
  }

  @Test("Held-out gain and offset are those of calibrate")
  func scale() throws {
    let predictions = cell { 0.5 * Double($1[$0]) + 0.05 }
    let scale = try #require(try HeldOutScale(predictions))
    let fit = try Calibrator.calibrate(predictions, mode: .affine).cells[0]
    #expect(scale.gain == fit.gain && scale.offset == fit.offset)
    var mended = MaskedSeries(predictions, cell: 0)
    mended.rates = scale.rates
    let score = try #require(BitsPerSpike.score(mended.sums, nullMean: nil).value)
    #expect(abs(score - (fit.bitsPerSpikeCalibrated ?? .nan)) < 1e-6)
  }

  @Test("A sign-flip test counts the choices of signs that reach the sum")
  func signFlips() throws {
    // 9 + 4 - 1: the signs of 9 and 4 must stay; that of 1 is free.
    #expect(SignFlips.p([9, 4, -1]) == 0.25)
    #expect(SignFlips.p([1, 2, 3, 4]) == 1 / 16.0)
    #expect(SignFlips.p([-1, -2, -3]) == 1)
    #expect(SignFlips.p([0, 0, 0]) == 1)
    #expect(SignFlips.p([0.1, 0.1, 0.1, -0.1, -0.1, -0.1]) == 42 / 64.0)
    #expect(SignFlips.p([]) == nil && SignFlips.p([1, .infinity]) == nil)
    #expect(SignFlips.p([Double](repeating: 1, count: SignFlips.mostDifferences + 1)) == nil)
    // One-sided p of 1/512 is a normal variable above 2.886.
    #expect(try abs(#require(SignFlips.z([100, 1, 1, 1, 1, 1, 1, 1, 1])) - 2.886) < 0.001)
    #expect(try abs(#require(SignFlips.z([1, -1])) - -0.674) < 0.001)
  }

  @Test("A few blocks of repeats that all gain are evidence, though one of them gains most")
  func oneLargeBlock() throws {
    // 8 places of a tenth of a second, 10 repeats; rate 0.1 fits each of them a little better than 0.11, one much better than 3.
    let rows = Array(0..<960)
    let places = rows.map { $0 % 96 }
    let predictions = SimulatedPredictions.cell(
      rates: rows.map { _ in 0.1 }, counts: rows.map { $0 % 10 == 0 ? 1 : 0 }, trials: rows.map { $0 / 96 })
    let series = MaskedSeries(predictions, cell: 0)
    let worse = places.map { Float($0 < 12 ? 3 : 0.11) }
    let repeated = try #require(
      PairedLikelihood(series.rates, over: worse, of: series, rows: rows, places: places))
    #expect(abs(repeated.z - 2.660) < 0.001)
    let opposite = try #require(PairedLikelihood(worse, over: series.rates, of: series, rows: rows, places: places))
    #expect(opposite.z < 0 && opposite.z > -1.1)
  }
}
