import Base
import Formats
import Layers

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
