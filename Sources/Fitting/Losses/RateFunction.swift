import Foundation
import Twin

/// From a readout's output z, and a baseline, to the expected count of a bin, and the bin's Poisson loss.
///
/// Formula: rate = f(z) + baseline with the twin's output activation f; rate = exp(z) where the twin gives log rates. The
/// loss of a bin is `r - y ln(r + 1e-8)`, for log rates `exp(z) - y z`.
/// Source: SEMANTICS 3 and 15. As in training, a rate below 1e-8 gets no gradient; one below 0 counts as 0.
package struct RateFunction: Sendable {
  /// One bin: its rate, its loss in nats, and their derivatives with respect to z.
  package struct Term: Sendable {
    package var rate: Double
    package var loss: Double
    /// d rate / d z
    package var slope: Double
    /// d loss / d z
    package var residual: Double
    /// Fisher information of the bin about z.
    package var information: Double
  }

  private enum Form: Sendable {
    case softplus, exponential
    case other(OutputActivation)
  }

  private let form: Form

  package static let softplus = RateFunction(form: .softplus)
  package static let exponential = RateFunction(form: .exponential)
  private static let smallestRate = 1e-8

  private init(form: Form) { self.form = form }

  package init(_ activation: OutputActivation) {
    form =
      switch activation.typeName {
      case "softplus": .softplus
      case "none": .exponential
      default: .other(activation)
      }
  }

  /// f(z) and its derivative, for all of `outputs`.
  func traced(_ outputs: [Double]) -> [(value: Double, slope: Double)] {
    switch form {
    case .softplus: return outputs.map { (Softplus.value($0), Softplus.derivative($0)) }
    case .exponential: return outputs.map { (exp($0), exp($0)) }
    case .other(let activation):
      let (values, derivatives) = activation.traced(outputs.map { Float($0) })
      return zip(values, derivatives).map { (Double($0), Double($1)) }
    }
  }

  /// Every bin's part of the loss.
  ///
  /// - Parameter baseline: what is added to the activation.
  package func terms(_ outputs: [Double], counts: [Double], baseline: Double = 0) -> [Term] {
    let traced = traced(outputs)
    return outputs.indices.map { index in
      let (value, slope) = traced[index]
      let count = counts[index]
      if case .exponential = form, baseline == 0 {
        return Term(
          rate: value, loss: count == 0 ? value : value - count * outputs[index], slope: slope,
          residual: value - count, information: value)
      }
      let rate = value + baseline
      if case .other = form, rate < Self.smallestRate {
        // As evaluation scores it: not raised to the limit.
        let low = max(0, rate)
        return Term(
          rate: low, loss: PoissonLikelihood.loss(rate: low, count: count), slope: 0, residual: 0, information: 0)
      }
      return Term(
        rate: rate, loss: PoissonLikelihood.loss(rate: rate, count: count), slope: slope,
        residual: PoissonLikelihood.derivative(rate: rate, count: count) * slope,
        information: slope * slope / (rate + PoissonLikelihood.epsilon))
    }
  }

  /// The rate of one output.
  package func rate(_ output: Double, baseline: Double = 0) -> Double {
    switch form {
    case .softplus: Softplus.value(output) + baseline
    case .exponential: exp(output) + baseline
    case .other: (traced([output]).first?.value ?? 0) + baseline
    }
  }

  package func slope(_ output: Double) -> Double { traced([output]).first?.slope ?? 0 }

  /// The output whose rate is `rate`, or comes nearest to it where the activation does not reach it.
  package func output(ofRate rate: Double, baseline: Double = 0) -> Double {
    let wanted = rate - baseline
    switch form {
    case .softplus: return Softplus.inverse(max(wanted, 1e-6))
    case .exponential: return log(max(wanted, 1e-6))
    case .other:
      // Activations that make sense as rates do not fall.
      var (low, high) = (-30.0, 30.0)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        if self.rate(middle) < wanted { low = middle } else { high = middle }
      }
      return high
    }
  }
}
