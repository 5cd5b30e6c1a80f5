import Base

/// Division by the largest magnitude of the whole array, all columns together.
///
/// - Shapes: any -> same
/// - Undefined: NaN throughout where all is 0
/// - Source: VisionCore's `maxnorm`
package struct MaxNorm: Transform {
  package static let name = "maxnorm"

  package init(_ step: PipelineStep) throws { try step.allow([]) }

  package var isFramewise: Bool { false }

  package func apply(_ values: Tensor) -> Tensor {
    let hasNaN = values.values.contains(where: \.isNaN)
    let peak = hasNaN ? Float.nan : values.values.reduce(0) { max($0, $1.magnitude) }
    return Tensor(shape: values.shape, values: values.values.map { $0 / peak })
  }
}
