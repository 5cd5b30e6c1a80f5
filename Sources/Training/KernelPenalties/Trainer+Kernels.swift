import Base
import Foundation
import Layers
import Twin

extension Tensor {
  /// A row for each kernel.
  package var kernelRows: [[Double]] {
    let taps = shape.last ?? 0
    guard taps > 0 else { return [] }
    return stride(from: 0, to: values.count, by: taps).map { values[$0..<$0 + taps].map(Double.init) }
  }
}

extension WeightedKernelPenalty {
  /// The penalties' values times their weights, and their gradients on the stored tensors, of which those in `names` are
  /// added to `gradients`.
  ///
  /// - Throws: `unsupported` for a twin without temporal kernels; as the penalties.
  package static func values(
    of terms: [WeightedKernelPenalty], on twin: TrainableTwin, names: Set<String>, adding gradients: inout Gradients
  ) throws -> [Regularisation.Value] {
    guard !terms.isEmpty else { return [] }
    guard let kernels = twin.effectiveKernels else { throw noKernels() }
    return try terms.map { term in
      let (value, slope) = try term.penalty.penalty(kernels.kernelRows)
      let stored = twin.gradients(
        ofEffectiveKernels: Tensor(shape: kernels.shape, values: slope.joined().map { Float(term.weight * $0) }))
      for name in stored.names where names.contains(name) { stored[name].map { gradients.add($0, to: name) } }
      return Regularisation.Value(name: term.name, value: term.weight * value)
    }
  }

  /// Whether it has no gradient on these kernels: a share of taps that the window holds at 0, or of all frequencies.
  ///
  /// The kernels are moved a little where they can have weight, so that a twin that stands at an optimum is none.
  ///
  /// - Parameter factors: of the window and the mask, one a tap.
  package func isIdle(on kernels: Tensor, factors: [Float]) throws -> Bool {
    let largest = kernels.values.reduce(0) { max($0, abs(Double($1))) }
    let rows = kernels.kernelRows.enumerated().map { row, taps in
      taps.enumerated().map { tap, value in
        factors.indices.contains(tap) && factors[tap] == 0
          ? value : value + 0.1 * max(largest, 1e-3) * cos(Double(3 * row + 2 * tap))
      }
    }
    let (value, slope) = try penalty.penalty(rows)
    let change = zip(rows.joined(), slope.joined()).reduce(0) { max($0, abs($1.0 * $1.1)) }
    return change <= 1e-6 * abs(value)
  }

  package static func noKernels() -> Failure {
    Failure(
      .unsupported, "the twin's frontend is not of the type learnable_temporal: it has no kernels for such a penalty")
  }
}

extension FrontendFilters {
  /// The projection after a step.
  func applyZeroSum(to store: inout ParameterStore) throws {
    var tensor = try store.tensor(name)
    tensor.values = zeroSummed(tensor.values)
    try store.set(name, to: tensor)
  }
}
