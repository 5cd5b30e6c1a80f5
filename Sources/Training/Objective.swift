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

  /// Weights of cells that follow from the counts of one batch; nil where all count alike.
  ///
  /// - Shapes: counts `[sample, cell]`, mask the same or `[sample, 1]`
  package func cellWeights(counts: Tensor, mask: Tensor?) -> [Double]? {
    let fits = mask.map { $0.shape == counts.shape || $0.shape == [counts.shape.first ?? 0, 1] } ?? true
    // What does not fit is refused by the loss.
    guard rateWeight != 0, counts.rank == 2, fits else { return nil }
    let cells = counts.shape[1]
    var sums = [(spikes: Double, bins: Double)](repeating: (0, 0), count: cells)
    for index in counts.values.indices {
      let valid = mask.map { Double($0.values[$0.count == counts.count ? index : index / cells]) } ?? 1
      guard valid != 0 else { continue }
      sums[index % cells].spikes += valid * Double(counts.values[index])
      sums[index % cells].bins += valid
    }
    return cellWeights(sums.map { $0.bins > 0 ? $0.spikes / $0.bins : nil })
  }

  /// - Throws: as `MaskedPoisson`.
  func loss(
    _ batch: TrainingBatch, weights: [Double]?, isLogRate: Bool
  ) throws -> (Tensor) throws -> (loss: Double, gradient: Tensor) {
    try loss(counts: batch.counts, mask: batch.mask, weights: weights, isLogRate: isLogRate, clampsOutputs: true)
  }

  /// Loss and gradient of outputs `[sample, cell]`; `clampsOutputs` as in `MaskedPoisson`.
  ///
  /// - Throws: as `MaskedPoisson`.
  package func loss(
    counts: Tensor, mask: Tensor?, weights: [Double]?, isLogRate: Bool, clampsOutputs: Bool
  ) throws -> (Tensor) throws -> (loss: Double, gradient: Tensor) {
    let poisson = try MaskedPoisson(
      counts: counts, mask: mask, cellWeights: weights, isLogRate: isLogRate, clampsOutputs: clampsOutputs)
    guard correlation != 0 else { return poisson.callAsFunction }
    let term = BatchCorrelation(counts: counts, mask: mask, isLogRate: isLogRate)
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
