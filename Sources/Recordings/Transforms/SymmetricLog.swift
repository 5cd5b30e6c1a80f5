import Base
import Foundation

/// `sign(x) ln(1 + |x|)`.
///
/// - Shapes: any -> same
/// - Source: VisionCore's `symlog`
package struct SymmetricLog: Transform {
  package static let name = "symlog"

  package init(_ step: PipelineStep) throws { try step.allow([]) }

  package var reach: ClosedRange<Int>? { 0...0 }

  package func apply(_ values: Tensor) -> Tensor {
    Tensor(shape: values.shape, values: values.values.map { copysign(log1p($0.magnitude), $0) })
  }
}
