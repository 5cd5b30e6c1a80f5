import Base
import Foundation

/// Cone-like adaptation: a fast filtered signal divided by a slower one, pixel by pixel.
///
/// Formula: `alpha y / max(1 + max(beta, 0) z, 1e-6)`, with y and z the signal under the kernels `K_y` and
/// `gamma K_y + (1 - gamma) K_z`, each `t^n exp(-t / tau) / (tau^(n+1) Gamma(n+1))` in steps.
/// - Shapes: `[time, height, width]` -> `[time, channel, height, width]`
/// - Source: VisionCore's `dacones` (SEMANTICS 5); Clark et al. 2013
package struct ConeAdaptation: Transform {
  package static let name = "dacones"

  private let fast: [Float]
  private let slow: [Float]
  private let alpha: Float
  private let beta: Float
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow([
      "filter_length", "alpha", "beta", "gamma", "tau_y_ms", "tau_z_ms", "n_y", "n_z", "sampling_rate",
    ])
    place = step.place
    guard let length = try step.integer("filter_length"), (1...100_000).contains(length) else {
      throw Failure(.format, "\(place).filter_length: a length of at least 1 is needed")
    }
    let rate = try step.number("sampling_rate") ?? 240
    let gamma = Float(min(1, max(0, try step.number("gamma") ?? 0.5)))
    let fast = Self.kernel(
      tauMs: try step.number("tau_y_ms") ?? 5, n: max(0.5, try step.number("n_y") ?? 5), rate: rate, length: length)
    let slow = Self.kernel(
      tauMs: try step.number("tau_z_ms") ?? 60, n: max(0.1, try step.number("n_z") ?? 2), rate: rate, length: length)
    self.fast = fast
    self.slow = zip(fast, slow).map { gamma * $0 + (1 - gamma) * $1 }
    alpha = Float(try step.number("alpha") ?? 1)
    beta = Float(max(0, try step.number("beta") ?? 8e-5))
  }

  package var reach: ClosedRange<Int>? { TimeFilter.causal(taps: slow).reach }

  package func apply(_ values: Tensor) throws -> Tensor {
    guard values.rank == 3 else {
      throw Failure(.mismatch, "\(place): shape \(values.shape) is not [time, height, width]")
    }
    let y = TimeFilter.causal(taps: fast).apply(values).values
    let z = TimeFilter.causal(taps: slow).apply(values).values
    let out = zip(y, z).map { alpha * $0 / max(1 + beta * $1, 1e-6) }
    return Tensor(shape: [values.shape[0], 1] + values.shape.dropFirst(), values: out)
  }

  private static func kernel(tauMs: Double, n: Double, rate: Double, length: Int) -> [Float] {
    let tau = max(max(tauMs, 0.01) / 1000 * rate, 0.1)
    let scale = max(pow(tau, n + 1) * tgamma(n + 1 + 1e-9), 1e-9)
    return (0..<length).map { Float(pow(Double($0), n) * exp(-Double($0) / tau) / scale) }
  }
}
