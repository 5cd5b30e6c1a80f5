import Foundation

/// The direction of a step from the slopes of all steps so far: their running mean, divided pixel by pixel by the root of
/// their running mean square, as in Adam (Kingma and Ba 2015). So pixels with small slopes move as well.
struct AscentMoments {
  private static let memory = (mean: 0.9, square: 0.99)
  /// Lengths of the first and the last step, as shares of the largest norm of a window.
  private static let strides = (first: 0.4, last: 0.005)

  private var mean: [Float]
  private var square: [Float]
  private var count = 0

  init(_ pixels: Int) {
    mean = [Float](repeating: 0, count: pixels)
    square = mean
  }

  /// The length of a step, as a share of the largest norm of a window: falls by half a cosine.
  static func stride(_ step: Int, of count: Int) -> Double {
    let way = Double(step) / Double(max(1, count - 1))
    return strides.last + (strides.first - strides.last) * (1 + cos(.pi * way)) / 2
  }

  /// Takes the slopes in; only the proportions of what is returned count.
  mutating func direction(for slopes: [Float]) -> [Float] {
    let length = slopes.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length > 0, length.isFinite else { return [Float](repeating: 0, count: mean.count) }
    count += 1
    let (kept, keptSquare) = (Float(Self.memory.mean), Float(Self.memory.square))
    let (whole, wholeSquare) = (
      Float(1 - pow(Self.memory.mean, Double(count))), Float(1 - pow(Self.memory.square, Double(count)))
    )
    return slopes.indices.map { pixel in
      // Every step counts alike, however steep it was.
      let slope = slopes[pixel] / Float(length)
      mean[pixel] = kept * mean[pixel] + (1 - kept) * slope
      square[pixel] = keptSquare * square[pixel] + (1 - keptSquare) * slope * slope
      return mean[pixel] / whole / ((square[pixel] / wholeSquare).squareRoot() + 1e-8)
    }
  }
}
