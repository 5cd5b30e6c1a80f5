/// All metrics that score a single cell, in the order in which tables show them.
public enum AllMetrics {
  public static let types: [any Metric.Type] = [
    SpikeCount.self,
    ValidBins.self,
    FiringRate.self,
    BitsPerSpike.self,
    PearsonCorrelation.self,
    NegativeLogLikelihood.self,
    NegativeLogLikelihoodPerSpike.self,
    Deviance.self,
    DevianceExplained.self,
    PseudoR2.self,
    TrialAverageCorrelation.self,
    ExplainableVariance.self,
    ExplainableVarianceExplained.self,
    ClippedExplainableVarianceExplained.self,
    AbsoluteCorrelation.self,
    MaximumCorrelation.self,
    NormalizedCorrelation.self,
    MaximumCorrelationByHalves.self,
    NormalizedCorrelationByHalves.self,
    SignalPowerExplained.self,
    OracleCorrelation.self,
    ConservativeOracle.self,
    FractionOfOracle.self,
  ]

  /// The metric of this name.
  public static func named(_ name: String) -> (any Metric.Type)? { types.first { $0.name == name } }
}

extension Metric {
  /// Whether it tells how good a prediction is.
  package static var isScore: Bool { self != SpikeCount.self && self != ValidBins.self && self != FiringRate.self }
}
