import Base

/// The positive and the negative part, `[max(x, 0), max(-x, 0)]`, joined along an axis.
///
/// - Shapes: any -> the axis doubled
/// - Source: VisionCore's `splitrelu` with its initial gain of 1
package struct SplitRectification: Transform {
  package static let name = "splitrelu"

  private let axis: Int
  private let place: String

  package init(_ step: PipelineStep) throws {
    // The gain is not trained here, so the option has no effect.
    try step.allow(["split_dim", "trainable_gain"])
    place = step.place
    axis = try step.integer("split_dim") ?? 1
  }

  package var reach: ClosedRange<Int>? { axis == 0 ? nil : 0...0 }

  package func apply(_ values: Tensor) throws -> Tensor {
    let position = axis < 0 ? axis + values.rank : axis
    guard values.shape.indices.contains(position) else {
      throw Failure(.mismatch, "\(place): shape \(values.shape) has no axis \(axis)")
    }
    let block = values.shape.dropFirst(position).reduce(1, *)
    var shape = values.shape
    shape[position] *= 2
    var out: [Float] = []
    out.reserveCapacity(2 * values.count)
    for start in stride(from: 0, to: values.count, by: max(1, block)) {
      let part = values.values[start..<start + block]
      out.append(contentsOf: part.map { max($0, 0) })
      out.append(contentsOf: part.map { max(-$0, 0) })
    }
    return Tensor(shape: shape, values: out)
  }
}
