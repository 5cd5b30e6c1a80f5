import Base

/// A weighted sum of neighbouring frames, with the same weights for every pixel.
struct TimeFilter {
  enum Border {
    /// Frames before the first and after the last count as 0.
    case zeros
    /// Frames are mirrored at the first and the last one, which are not repeated.
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

  /// The frames that a frame's sum uses, relative to it. Mirrored frames are among them.
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
