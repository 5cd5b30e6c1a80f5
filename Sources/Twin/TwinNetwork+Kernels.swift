import Formats
import Layers

extension TwinNetwork {
  /// The kernels of the frontend; empty where it has none.
  ///
  /// - Parameter source: what the network was read from.
  /// - Throws: what reading the weights throws.
  public func frontendKernels(from source: any ArraySource) throws -> [TemporalKernel] {
    try (layers.frontend as? any TemporalFilters)?.temporalKernels(from: source) ?? []
  }
}
