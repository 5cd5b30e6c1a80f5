/// Every metric of single cells, in the order in which tables show them.
public enum AllMetrics {
  public static let types: [any Metric.Type] = [
    SpikeCount.self,
    ValidBins.self,
    FiringRate.self,
    BitsPerSpike.self,
    PearsonCorrelation.self,
    NegativeLogLikelihood.self,
  ]
}
