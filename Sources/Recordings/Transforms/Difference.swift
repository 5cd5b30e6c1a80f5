import Base

/// Change from one step to the next along an axis; the first step is 0.
///
/// - Shapes: any -> same
/// - Source: VisionCore's `diff`, which runs across the borders of trials
package struct Difference: Transform {
  package static let name = "diff"

  private let axis: Int
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow(["axis"])
    place = step.place
    axis = try step.integer("axis") ?? 0
  }

  // A negative axis may be the time axis; that depends on the rank.
  package var reach: ClosedRange<Int>? { axis > 0 ? 0...0 : -1...0 }

  package func apply(_ values: Tensor) throws -> Tensor {
    let position = axis < 0 ? axis + values.rank : axis
    guard values.shape.indices.contains(position) else {
      throw Failure(.mismatch, "\(place): shape \(values.shape) has no axis \(axis)")
    }
    let length = values.shape[position]
    let inner = values.shape.dropFirst(position + 1).reduce(1, *)
    var out = Tensor(zeros: values.shape)
    for i in out.values.indices where i / inner % length > 0 {
      out.values[i] = values.values[i] - values.values[i - inner]
    }
    return out
  }
}
