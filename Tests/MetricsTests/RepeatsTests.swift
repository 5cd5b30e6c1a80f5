import Base
import Metrics
import Testing

/// Trials of unequal length, gaps, and everything that leaves a metric of repeats without a value.
struct RepeatsTests {
  static let repeatMetrics = AllMetrics.types.filter { $0 is any RepeatMetric.Type }

  private func scores(
    _ predictions: Predictions, _ metrics: [any Metric.Type] = repeatMetrics, minimumTrials: Int = 4
  ) throws -> [CellScores] {
    try evaluate(predictions, metrics: metrics, options: .init(minimumTrials: minimumTrials))
  }

  private func close(_ a: Score, _ b: Score, _ tolerance: Double = 1e-12) -> Bool {
    switch (a, b) {
    case (.value(let a), .value(let b)): abs(a - b) <= tolerance * max(1, abs(b))
    default: a == b
    }
  }

  @Test("Masked trials and time bins count as missing")
  func maskedTrials() throws {
    let reference = try ReferenceTools.read()
    // Trials 9 to 11 and time bins 0 to 4 are masked in one, absent in the other.
    let masked = reference.predictions { trial, place, _ in trial < 9 && place >= 5 }
    let rows = masked.frames.indices.filter { (masked.trials?[$0] ?? 0) < 9 && (masked.trialBins?[$0] ?? 0) >= 5 }
    let absent = masked.gathering(rows: rows)
    // The order of the splits goes with the number of trials, so halves are compared by neither.
    let metrics = Self.repeatMetrics.filter {
      $0 != MaximumCorrelationByHalves.self && $0 != NormalizedCorrelationByHalves.self
    }
    let pairs = Array(try zip(scores(masked, metrics), scores(absent, metrics)))
    try #require(pairs.count == 3)
    for (a, b) in pairs {
      for metric in metrics { #expect(close(a[metric], b[metric]), "\(metric.name)") }
    }
  }

  @Test("Signal power by pairs of trials gives cc_norm within 5 % of that by sums")
  func pairedSignalPower() throws {
    let reference = try ReferenceTools.read()
    let whole = try scores(reference.predictions(), [NormalizedCorrelation.self])
    // One masked bin more makes every power be taken by pairs; it moves the result by little.
    let paired = try scores(
      reference.predictions { trial, place, _ in trial != 3 || place != 7 }, [NormalizedCorrelation.self])
    try #require(whole.count == 3 && paired.count == 3)
    for (a, b) in zip(whole, paired) {
      let (a, b) = (
        try #require(a[NormalizedCorrelation.self].value), try #require(b[NormalizedCorrelation.self].value)
      )
      #expect(a != b)
      #expect(abs(a - b) < 0.05 * abs(a))
    }
  }

  @Test("Values in masked bins are ignored")
  func maskedValues() throws {
    let reference = try ReferenceTools.read()
    let clean = reference.predictions { trial, place, _ in (trial + place) % 5 != 0 }
    var dirty = clean
    for index in dirty.mask.values.indices where dirty.mask.values[index] == 0 {
      dirty.counts.values[index] = .nan
      dirty.rates.values[index] = .infinity
    }
    let pairs = Array(try zip(scores(clean), scores(dirty)))
    try #require(pairs.count == 3)
    for (a, b) in pairs {
      for metric in Self.repeatMetrics { #expect(a[metric] == b[metric], "\(metric.name)") }
    }
  }

  /// `trials` trials of `places` places of one cell.
  private func cell(
    trials: Int, places: Int, count: (Int, Int) -> Float, rate: (Int, Int) -> Float = { _, place in Float(place + 1) },
    mask: Float = 1
  ) -> Predictions {
    let rows = trials * places
    func values(_ value: (Int, Int) -> Float) -> Tensor {
      Tensor(shape: [rows, 1], values: (0..<rows).map { value($0 / places, $0 % places) })
    }
    return Predictions(
      cids: [0], frames: Array(0..<rows), trials: (0..<rows).map { $0 / places },
      trialBins: (0..<rows).map { $0 % places }, rates: values(rate), counts: values(count),
      mask: values { _, _ in mask }, rateHz: 120)
  }

  @Test("An undefined score has its reason")
  func undefinedReasons() throws {
    let silent = cell(trials: 6, places: 8, count: { _, _ in 0 })
    #expect(try scores(silent)[0].reason == "no spikes")
    let masked = cell(trials: 6, places: 8, count: { _, place in Float(place % 2) }, mask: 0)
    #expect(try scores(masked)[0].reason == "all bins masked")
    let few = cell(trials: 3, places: 8, count: { _, place in Float(place % 2) })
    #expect(try scores(few)[0].reason == "too few trials")
    #expect(try scores(few, minimumTrials: 2)[0][NormalizedCorrelation.self].value != nil)
    let short = cell(trials: 6, places: 2, count: { _, place in Float(place % 2) })
    #expect(try scores(short)[0].reason == "too few bins")
    let flat = cell(trials: 6, places: 8, count: { trial, place in Float((trial + place) % 2) }, rate: { _, _ in 1 })
    #expect(try scores(flat, [NormalizedCorrelation.self])[0].reason == "constant prediction")
    // Means of equal rates differ by rounding, which is no variation.
    for (trials, places) in [(6, 7), (7, 9), (9, 11), (11, 13)] {
      for rate in [0.1, 0.3, 0.7] as [Float] {
        let flat = cell(
          trials: trials, places: places, count: { trial, place in Float(place % 3 == 0 ? 1 : trial % 2) },
          rate: { _, _ in rate })
        for metric in [NormalizedCorrelation.self, TrialAverageCorrelation.self, FractionOfOracle.self]
          as [any Metric.Type]
        {
          #expect(try scores(flat, [metric])[0].reason == "constant prediction", "\(metric.name) \(trials) \(rate)")
        }
      }
    }
    // Every trial has its spike elsewhere: the means vary less than the noise makes them.
    let noise = cell(trials: 8, places: 8, count: { trial, place in trial == place ? 1 : 0 })
    #expect(try scores(noise, [NormalizedCorrelation.self])[0].reason == "signal power is not positive")
    #expect(try scores(noise, [MaximumCorrelationByHalves.self])[0].reason == "halves of the trials do not correlate")
    #expect(try scores(noise, [FractionOfOracle.self])[0].reason == "trials do not correlate with the others")
    var once = noise
    once.trialBins = nil
    #expect(try scores(once)[0].reason == "stimulus does not repeat")
  }

  @Test("Several causes are given with the metrics that they concern")
  func severalCauses() throws {
    let noise = cell(trials: 8, places: 8, count: { trial, place in trial == place ? 1 : 0 })
    #expect(
      try scores(noise, [NormalizedCorrelation.self, OracleCorrelation.self, MaximumCorrelationByHalves.self])[0].reason
        == "cc_norm: signal power is not positive; cc_max_split: halves of the trials do not correlate")
  }

  @Test("FEVE is not clipped, its clipped variant is")
  func clipping() throws {
    let wrong = cell(
      trials: 6, places: 8, count: { trial, place in Float(place) + Float(trial % 2) },
      rate: { _, place in Float(20 - place) })
    let score = try scores(wrong)[0]
    #expect(try #require(score[ExplainableVarianceExplained.self].value) < 0)
    #expect(score[ClippedExplainableVarianceExplained.self].value == 0)
  }

  @Test("Without trial numbers, a new trial begins where the time bin starts again")
  func unnumberedTrials() throws {
    let numbered = cell(trials: 6, places: 8, count: { trial, place in Float((place * 3 + trial) % 4) })
    var counted = numbered
    counted.trials = nil
    #expect(try scores(numbered) == scores(counted))
  }
}
