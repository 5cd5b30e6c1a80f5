import Base

/// A weighted sum of neighbouring frames, the same for every place of a frame.
struct TimeFilter {
  enum Border {
    /// Nothing before the first and after the last frame.
    case zeros
    /// The frames mirrored at the first and last, which are not repeated.
    case reflection
  }

  /// `y[t] = sum_i weights[i] x[t + first + i]`.
  var weights: [Float]
  var first: Int
  var border = Border.zeros

  /// `y[t] = sum_j taps[j] x[t - j]`: frames up to the present one.
  static func causal(taps: [Float]) -> TimeFilter {
    TimeFilter(weights: taps.reversed(), first: 1 - taps.count)
  }

  /// The frames, counted from its own, that a frame's sum takes; mirrored ones lie among them.
  var reach: ClosedRange<Int> { min(0, first)...max(0, first + weights.count - 1) }

  /// - Shapes: time is the first axis -> same
  func apply(_ values: Tensor) -> Tensor {
    let frames = values.shape.first ?? 0
    let width = values.rowCount
    let input = values.values
    var out = [Float](repeating: 0, count: input.count)
    for frame in 0..<frames {
      for (i, weight) in weights.enumerated() where weight != 0 {
        guard let source = source(frame + first + i, frames: frames) else { continue }
        for place in 0..<width { out[frame * width + place] += weight * input[source * width + place] }
      }
    }
    return Tensor(shape: values.shape, values: out)
  }

  private func source(_ frame: Int, frames: Int) -> Int? {
    if (0..<frames).contains(frame) { return frame }
    guard border == .reflection else { return nil }
    let mirrored = frame < 0 ? -frame : 2 * (frames - 1) - frame
    return (0..<frames).contains(mirrored) ? mirrored : nil
  }
}
