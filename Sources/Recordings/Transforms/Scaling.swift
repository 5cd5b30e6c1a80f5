import Base

/// Multiplication by a number.
///
/// - Shapes: any -> same
/// - Source: VisionCore's `mul`
package struct Scaling: Transform {
  package static let name = "mul"

  private let factor: Float

  package init(_ step: PipelineStep) throws {
    try step.allow(["factor"])
    guard let factor = try step.parameters.doubleValue ?? step.number("factor") else {
      throw Failure(.format, "\(step.place): the factor is missing, as in `mul: 2`")
    }
    self.factor = Float(factor)
  }

  package var reach: ClosedRange<Int>? { 0...0 }

  package func apply(_ values: Tensor) -> Tensor {
    Tensor(shape: values.shape, values: values.values.map { $0 * factor })
  }
}
