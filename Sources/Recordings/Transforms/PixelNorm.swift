import Base

/// Grey level to contrast: `(x - 127) / 255`.
///
/// - Shapes: any -> same
/// - Source: VisionCore's `pixelnorm`, in float32 (SEMANTICS 1)
package struct PixelNorm: Transform {
  package static let name = "pixelnorm"

  package init(_ step: PipelineStep) throws { try step.allow([]) }

  package var reach: ClosedRange<Int>? { 0...0 }

  package func apply(_ values: Tensor) -> Tensor {
    Tensor(shape: values.shape, values: values.values.map { ($0 - 127) / 255 })
  }
}
