import Base
import Formats

/// How the stored kernels of a frontend of learned temporal filters become those that act.
package struct FrontendFilters: Sendable, Equatable {
  /// The stored tensor, `[kernel, tap]` with axes of length 1 after it.
  package let name: String
  /// What each tap is multiplied by: the window, and 0 where the tap mask is.
  package let factors: [Float]

  /// Stored kernels without their part along the factors, so that each one that acts sums to 0: the nearest such kernels.
  ///
  /// Source: TRAINING 11 (`project_stored`).
  package func zeroSummed(_ values: [Float]) -> [Float] {
    let taps = factors.count
    let square = factors.reduce(0) { $0 + Double($1) * Double($1) }
    guard taps > 0, square > 0, values.count % taps == 0 else { return values }
    var out = values
    for start in stride(from: 0, to: values.count, by: taps) {
      let along = (0..<taps).reduce(0) { $0 + Double(factors[$1]) * Double(values[start + $1]) } / square
      for tap in 0..<taps { out[start + tap] -= Float(along * Double(factors[tap])) }
    }
    return out
  }
}

extension TwinArchitecture {
  /// Nil for a frontend of another type.
  package var frontendFilters: FrontendFilters? { (layers.frontend as? LearnableTemporal)?.filters }
  /// Options in the configuration that VisionCore does not know.
  package var ownOptions: [String] {
    ["frontend.params.lag_mask", "frontend.params.tap_mask", "frontend.params.zero_sum"].filter {
      configuration.at($0).map { !$0.isNull && $0 != .int(0) } ?? false
    }
  }
  /// Newest frames of a window that the twin never sees.
  package var lagMask: Int { layers.lagMask }
}

extension TwinNetwork {
  /// The kernels that act, `[kernel, tap]`; nil for a frontend of another type than learned temporal filters.
  package var effectiveKernels: Tensor? {
    guard let frontend = layers.frontend as? LearnableTemporal else { return nil }
    let taps = frontend.filters.factors.count
    return Tensor(shape: [frontend.effectiveKernels.count / taps, taps], values: frontend.effectiveKernels)
  }
}

extension TrainableTwin {
  /// As `TwinNetwork.effectiveKernels`.
  package var effectiveKernels: Tensor? { network.effectiveKernels }

  /// What a gradient of the kernels that act means for the stored tensors.
  package func gradients(ofEffectiveKernels gradient: Tensor) -> Gradients {
    let pass = Pass(mode: .train)
    (network.layers.frontend as? LearnableTemporal)?.pullback(effectiveKernels: gradient.values, pass)
    return pass.gradients
  }
}
