import Base

/// Division by the largest magnitude of the whole array, over all columns.
///
/// - Shapes: any -> same
/// - Undefined: NaN throughout where all is 0
/// - Source: VisionCore's `maxnorm`
package struct MaxNorm: Transform {
  package static let name = "maxnorm"

  /// The largest magnitude of the whole recording, after `prepared`.
  private var peak: Float?

  package init(_ step: PipelineStep) throws { try step.allow([]) }

  package var reach: ClosedRange<Int>? { 0...0 }

  package func prepared(_ eachBlock: ((Tensor) throws -> Void) throws -> Void) throws -> any Transform {
    var peak: Float = 0
    try eachBlock { peak = Self.peak(of: $0, atLeast: peak) }
    var copy = self
    copy.peak = peak
    return copy
  }

  package func apply(_ values: Tensor) -> Tensor {
    let peak = peak ?? Self.peak(of: values, atLeast: 0)
    return Tensor(shape: values.shape, values: values.values.map { $0 / peak })
  }

  /// NaN where any value is NaN, as in torch.
  private static func peak(of values: Tensor, atLeast start: Float) -> Float {
    values.values.reduce(start) { $0.isNaN || $1.isNaN ? .nan : max($0, $1.magnitude) }
  }
}
