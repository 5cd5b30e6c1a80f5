import Base
import Formats

/// Chosen columns of the last axis, in the order listed. A column may be listed twice.
///
/// - Shapes: `[…, column]` -> `[…, chosen column]`
/// - Source: VisionCore's `select_units`
package struct SelectUnits: Transform {
  package static let name = "select_units"

  private let indices: [Int]
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow(["indices"])
    place = step.place
    guard let indices = step.option("indices")?.intList else {
      let given = step.option("indices")?.kindName { $0.intValue != nil } ?? "nothing"
      throw Failure(
        .format, "\(place).indices: a list of columns is needed (or `cids`, if the YAML lists cids), not \(given)")
    }
    self.indices = indices
  }

  package var reach: ClosedRange<Int>? { 0...0 }

  package func apply(_ values: Tensor) throws -> Tensor {
    let width = values.shape.last ?? 0
    guard values.rank >= 2, width > 0 else {
      throw Failure(.mismatch, "\(place): shape \(values.shape) has no columns")
    }
    if let outside = indices.first(where: { !(0..<width).contains($0) }) {
      throw Failure(.mismatch, "\(place): no column \(outside) among \(width)")
    }
    var out: [Float] = []
    out.reserveCapacity(values.count / width * indices.count)
    for start in stride(from: 0, to: values.count, by: width) {
      for index in indices { out.append(values.values[start + index]) }
    }
    return Tensor(shape: values.shape.dropLast() + [indices.count], values: out)
  }

  /// Replaces `indices: cids` by the columns of the YAML's cells.
  static func resolved(_ step: PipelineStep, columns: [Int]?) -> PipelineStep {
    guard step.name == name, step.parameters["indices"] == .string("cids"), let columns else { return step }
    var step = step
    step.parameters = .map([.init("indices", .list(columns.map { .int($0) }))])
    return step
  }
}
