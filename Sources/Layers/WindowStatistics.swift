/// What a sample's stimulus window is like as a whole: mean, contrast and temporal frequency.
///
/// - Shapes: window u `[channel, time, height, width]` -> `[3]`: mean; standard deviation sqrt(var + 1e-5), biased; and the
///   mean over adjacent frames of (u_t - u_{t+1})^2 / (2 var + 1e-5), which is 0 for a still window and about 1 for white
///   noise.
/// - Source: TRAINING 11 (`stimcond`, phi)
package struct WindowStatistics: Sendable {
  /// What the statistics of a window follow from.
  package struct Moments: Sendable {
    var mean: Double
    /// Biased.
    var variance: Double
    /// Mean square of the differences of adjacent frames.
    var change: Double
  }

  package let moments: [Moments]
  /// `[sample][3]`
  package let values: [[Double]]

  package static let count = 3
  package static let eps = 1e-5

  package init(_ moments: [Moments]) {
    self.moments = moments
    values = moments.map { moments in
      [
        moments.mean, (moments.variance + Self.eps).squareRoot(),
        moments.change / (2 * moments.variance + Self.eps),
      ]
    }
  }
}
