import Base
import Foundation

/// The loss of training and its gradient with respect to a twin's outputs.
///
/// Formula: sum w d (r - y ln(r + 1e-8)) / sum d for rates r, counts y, mask d and a weight w of each cell; for log rates x
/// the term is exp(x) - y x.
/// Shapes: outputs, counts and mask `[sample, cell]`; a mask `[sample, 1]` counts for every cell.
/// Units: nats a bin.
/// Source: SEMANTICS 15, without VisionCore's larger loss for a mask of one column.
public struct MaskedPoisson: Sendable {
  public let counts: Tensor
  public let mask: Tensor?
  public let cellWeights: [Double]?
  public let isLogRate: Bool
  /// Raise outputs to the limit that VisionCore sets in training, 1e-8 for rates and -20 for log rates; an output below it
  /// gets no gradient.
  public let clampsOutputs: Bool

  private static let smallestRate = 1e-8
  private static let smallestLogRate = -20.0

  /// - Throws: `mismatch` where shapes do not fit; `undefined` where the mask leaves no bin.
  public init(
    counts: Tensor, mask: Tensor? = nil, cellWeights: [Double]? = nil, isLogRate: Bool = false,
    clampsOutputs: Bool = false
  ) throws {
    guard counts.rank == 2, mask.map({ $0.shape == counts.shape || $0.shape == [counts.shape[0], 1] }) ?? true,
      cellWeights.map({ $0.count == counts.shape[1] }) ?? true
    else {
      throw Failure(
        .mismatch,
        "counts of shape \(counts.shape), a mask of \(mask?.shape ?? counts.shape) and \(cellWeights?.count ?? counts.shape.last ?? 0) weights do not fit"
      )
    }
    guard mask?.values.contains(where: { $0 > 0 }) ?? !counts.values.isEmpty else {
      throw Failure(.undefined, "the mask leaves no bin: the loss has no value")
    }
    self.counts = counts
    self.mask = mask
    self.cellWeights = cellWeights
    self.isLogRate = isLogRate
    self.clampsOutputs = clampsOutputs
  }

  /// - Throws: `mismatch` for outputs of another shape than the counts.
  public func callAsFunction(_ outputs: Tensor) throws -> (loss: Double, gradient: Tensor) {
    guard outputs.shape == counts.shape else {
      throw Failure(.mismatch, "outputs of shape \(outputs.shape) for counts of shape \(counts.shape)")
    }
    let cells = counts.shape[1]
    var loss = 0.0
    var bins = 0.0
    var gradient = [Double](repeating: 0, count: outputs.count)
    let limit = isLogRate ? Self.smallestLogRate : Self.smallestRate
    for index in outputs.values.indices {
      let valid = mask.map { Double($0.values[$0.count == outputs.count ? index : index / cells]) } ?? 1
      guard valid != 0 else { continue }
      bins += valid
      let weight = valid * (cellWeights?[index % cells] ?? 1)
      let given = Double(outputs.values[index])
      let isClamped = clampsOutputs && given < limit
      let output = isClamped ? limit : given
      let count = Double(counts.values[index])
      let (term, derivative) = term(output, count)
      loss += weight * term
      gradient[index] = isClamped ? 0 : weight * derivative
    }
    return (loss / bins, Tensor(shape: outputs.shape, values: gradient.map { Float($0 / bins) }))
  }

  /// One bin's loss and its derivative.
  private func term(_ output: Double, _ count: Double) -> (loss: Double, derivative: Double) {
    guard isLogRate else {
      return (
        PoissonLikelihood.loss(rate: output, count: count), PoissonLikelihood.derivative(rate: output, count: count)
      )
    }
    let rate = exp(output)
    return (rate - count * output, rate - count)
  }
}
