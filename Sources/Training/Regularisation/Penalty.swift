/// A penalty on one stored tensor, added to the loss.
///
/// Source: VisionCore's regularisers (SEMANTICS 22). They see the stored tensor, not what a window or a norm makes of it.
public protocol Penalty: Sendable {
  /// How a configuration names it.
  static var type: String { get }

  /// Value and gradient for a weight of 1.
  ///
  /// - Shapes: `values` and the gradient as the tensor; `rows` is its first axis.
  static func penalty(_ values: [Float], rows: Int) -> (value: Double, gradient: [Float])
}
