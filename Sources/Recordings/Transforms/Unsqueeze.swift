import Base

/// A new axis of length 1, as the channel of a stimulus.
///
/// - Shapes: `[time, height, width]` -> `[time, channel, height, width]` for axis 1
/// - Source: VisionCore's `unsqueeze`
package struct Unsqueeze: Transform {
  package static let name = "unsqueeze"

  private let axis: Int
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow(["axis", "dim"])
    place = step.place
    let axis = try step.parameters.intValue ?? step.integer("axis") ?? step.integer("dim")
    guard let axis else { throw Failure(.format, "\(place): the axis is missing, as in `unsqueeze: 1`") }
    self.axis = axis
  }

  package var reach: ClosedRange<Int>? { axis == 0 ? nil : 0...0 }

  package func apply(_ values: Tensor) throws -> Tensor {
    let position = axis < 0 ? axis + values.rank + 1 : axis
    guard (1...values.rank).contains(position) else {
      throw Failure(.mismatch, "\(place): no axis \(axis) can be added to shape \(values.shape)")
    }
    var shape = values.shape
    shape.insert(1, at: position)
    return values.reshaped(shape)
  }
}
