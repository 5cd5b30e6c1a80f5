/// A change of a tensor after the optimiser's step, in place of a penalty in the loss.
///
/// Source: VisionCore's proximal regularisers (SEMANTICS 22).
public protocol ProximalStep: Sendable {
  /// How a configuration names it.
  static var type: String { get }

  /// - Parameters:
  ///   - weight: above 0.
  ///   - stepSizes: the optimiser's step size for each value.
  static func apply(_ values: inout [Float], weight: Double, stepSizes: [Float])
}
