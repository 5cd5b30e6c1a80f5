import Base
import Foundation

/// Gaussian smoothing over time, mirrored at both ends.
///
/// - Shapes: time is the first axis -> same
/// - Units: the width in frames
/// - Source: VisionCore's `smooth` (SEMANTICS 19)
package struct GaussianSmoothing: Transform {
  package static let name = "smooth"

  private let sigma: Double
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow(["type", "params"])
    place = step.place
    if let kind = step.option("type"), kind.stringValue != "gaussian" {
      throw Failure(.unsupported, "\(place).type: vcsh knows only `gaussian` smoothing")
    }
    guard let sigma = try step.parameters.doubleValue ?? step.number("params") else {
      throw Failure(.format, "\(place): the width in frames is missing, as in `smooth: 1.5`")
    }
    guard sigma < 1e6 else { throw Failure(.format, "\(place): a width of \(sigma) frames is too large") }
    self.sigma = sigma
  }

  package var reach: ClosedRange<Int>? { sigma > 0 ? -half...half : 0...0 }

  /// The number of frames that the filter uses on either side.
  private var half: Int {
    let count = Int(6 * sigma) + 1
    return (count.isMultiple(of: 2) ? count + 1 : count) / 2
  }

  package func apply(_ values: Tensor) throws -> Tensor {
    guard sigma > 0 else { return values }
    guard let frames = values.shape.first, frames > half else {
      throw Failure(.mismatch, "\(place): smoothing needs more than \(half) frames, not \(values.shape.first ?? 0)")
    }
    let taps = (-half...half).map { exp(-0.5 * pow(Double($0) / sigma, 2)) }
    let total = taps.reduce(0, +)
    return TimeFilter(weights: taps.map { Float($0 / total) }, first: -half, border: .reflection).apply(values)
  }
}
