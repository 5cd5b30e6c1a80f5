import Base
import Fitting

/// What training minimises: the masked Poisson loss, with weights for the cells and a term for their correlation.
public struct Objective: Sendable, Equatable {
  /// Weights of cells go with their mean rate to the power of minus this; their mean is 1. At 0 all count alike.
  public var rateWeight: Double
  /// Factor of a term (1 - Pearson r over the batch, mean over cells).
  public var correlation: Double

  public init(rateWeight: Double = 0, correlation: Double = 0) {
    self.rateWeight = rateWeight
    self.correlation = correlation
  }

  /// The weights of cells; nil where all count alike.
  ///
  /// - Parameter meanCounts: nil for a cell without a valid bin, whose weight is 0.
  package func cellWeights(_ meanCounts: [Double?]) -> [Double]? {
    guard rateWeight != 0 else { return nil }
    return InverseRateWeights.of(meanCounts, power: rateWeight).map { $0 ?? 0 }
  }

  /// - Throws: as `MaskedPoisson`.
  func loss(
    _ batch: TrainingBatch, weights: [Double]?, isLogRate: Bool
  ) throws -> (Tensor) throws -> (loss: Double, gradient: Tensor) {
    let poisson = try MaskedPoisson(
      counts: batch.counts, mask: batch.mask, cellWeights: weights, isLogRate: isLogRate, clampsOutputs: true)
    guard correlation != 0 else { return poisson.callAsFunction }
    let term = BatchCorrelation(counts: batch.counts, mask: batch.mask, isLogRate: isLogRate)
    let factor = correlation
    return { outputs in
      var (loss, gradient) = try poisson(outputs)
      let (value, slope) = term(outputs)
      loss += factor * value
      for index in gradient.values.indices { gradient.values[index] += Float(factor * slope[index]) }
      return (loss, gradient)
    }
  }
}
