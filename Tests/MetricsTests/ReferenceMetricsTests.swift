import Base
import Formats
import Metrics
import TestSupport
import Testing

/// The field's public tools on the same repeats.
struct ReferenceMetricsTests {
  static let expected: [(any Metric.Type, tool: String, name: String)] = [
    (BitsPerSpike.self, "VisionCore", "bits_per_spike"),
    (Deviance.self, "nemos_formula", "deviance"),
    (DevianceExplained.self, "nemos_formula", "pseudo_r2_cohen(=D2)"),
    (PseudoR2.self, "nemos_formula", "pseudo_r2_mcfadden"),
    (PearsonCorrelation.self, "neuralpredictors", "corr_single_trial"),
    (TrialAverageCorrelation.self, "neuralpredictors", "corr_to_mean"),
    (ExplainableVariance.self, "neuralpredictors", "fev"),
    (ExplainableVarianceExplained.self, "neuralpredictors", "feve"),
    (ClippedExplainableVarianceExplained.self, "openretina", "feve"),
    (AbsoluteCorrelation.self, "OSchoppe_port", "CCabs"),
    (MaximumCorrelation.self, "OSchoppe_port", "CCmax"),
    (NormalizedCorrelation.self, "OSchoppe_port", "CCnorm"),
    (SignalPowerExplained.self, "OSchoppe_port", "SPE"),
    (MaximumCorrelationByHalves.self, "VisionCore", "ccmax_splithalf500_rng42"),
    (NormalizedCorrelationByHalves.self, "VisionCore", "ccnorm_splithalf500_rng42"),
    (OracleCorrelation.self, "neuralpredictors", "oracle_jackknife"),
    (ConservativeOracle.self, "neuralpredictors", "oracle_conservative"),
  ]

  @Test("A metric equals the value of the reference software", arguments: expected.indices)
  func referenceSoftware(index: Int) throws {
    let (metric, tool, name) = Self.expected[index]
    let reference = try ReferenceTools.read()
    let scores = try evaluate(reference.predictions(), metrics: [metric])
    let numbers = try reference.numbers(tool, name)
    try #require(numbers.count == 3 && scores.count == 3)
    for (score, expected) in zip(scores, numbers) {
      let value = try #require(score[metric].value)
      #expect(abs(value - expected) <= 1e-6 * abs(expected), "\(metric.name): \(value), \(tool) \(expected)")
    }
  }

  @Test("Split-half correlations of trials with gaps equal VisionCore's")
  func splitHalves() throws {
    let expected = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_fixrsvp.npz"))
    let counts = try expected.tensor("trial_robs")
    let rates = try expected.tensor("trial_rhat")
    let (trials, places, cells) = (counts.shape[0], counts.shape[1], counts.shape[2])
    let shape = [trials * places, cells]
    let predictions = Predictions(
      cids: Array(0..<cells), frames: Array(0..<shape[0]), trials: (0..<shape[0]).map { $0 / places },
      trialBins: (0..<shape[0]).map { $0 % places }, rates: Tensor(shape: shape, values: rates.values),
      counts: Tensor(shape: shape, values: counts.values),
      mask: Tensor(shape: shape, values: counts.values.map { $0.isNaN ? 0 : 1 }), rateHz: 120)
    let scores = try evaluate(
      predictions,
      metrics: [AbsoluteCorrelation.self, MaximumCorrelationByHalves.self, NormalizedCorrelationByHalves.self],
      options: .init(minimumTrials: 20, splits: 500, seed: 0))
    for (metric, name) in [
      (AbsoluteCorrelation.self as any Metric.Type, "ccabs_seed0"), (MaximumCorrelationByHalves.self, "ccmax_seed0"),
      (NormalizedCorrelationByHalves.self, "ccnorm_seed0"),
    ] {
      let numbers = try expected.doubles(name)
      try #require(numbers.count == cells && scores.count == cells && numbers.contains { $0.isFinite })
      for (score, expected) in zip(scores, numbers) {
        #expect(score[metric].value.map { abs($0 - expected) < 1e-9 } ?? expected.isNaN, "\(name)")
      }
    }
  }
}
