import Base
import Formats
import Layers

extension TwinArchitecture {
  /// Nil for a frontend of another type.
  package var frontendFilters: FrontendFilters? { layers.learnedFilters?.filters }
  /// Frames from one tap of the frontend's learned filters to the next: 1 for any other frontend.
  package var tapStep: Int { frontendFilters?.tapStep ?? 1 }
  /// Newest frames of a window that the twin never sees.
  package var lagMask: Int { layers.lagMask }
}

extension TwinNetwork {
  /// The kernels that act, `[kernel, tap]`; nil for a frontend of another type than learned temporal filters.
  package var effectiveKernels: Tensor? {
    guard let frontend = layers.learnedFilters else { return nil }
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
    network.layers.learnedFilters?.pullback(effectiveKernels: gradient.values, pass)
    return pass.gradients
  }
}
