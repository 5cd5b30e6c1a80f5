import Foundation

/// The direction of a step from the slopes of all steps so far: their running mean; where the way says so, divided pixel by
/// pixel by the root of their running mean square, as in Adam (Kingma and Ba 2015), so that pixels with small slopes move as
/// well.
struct AscentMoments {
  /// How a climb goes. None is best for every cell, so all are tried from every start.
  struct Way: Sendable {
    /// Length of the first step, as a share of the largest norm of a window.
    var first: Double
    /// How much of the running mean of slopes stays at each step.
    var memory: Double
    /// Whether slopes are scaled pixel by pixel.
    var isScaled: Bool
  }

  static let ways = [
    Way(first: 0.4, memory: 0.9, isScaled: true), Way(first: 0.3, memory: 0.9, isScaled: false),
    Way(first: 0.6, memory: 0.8, isScaled: false), Way(first: 0.2, memory: 0.5, isScaled: false),
  ]
  /// How much of the running mean square of slopes stays.
  private static let squareMemory = 0.99
  /// Length of the last step.
  private static let last = 0.005

  private let way: Way
  private var mean: [Float]
  private var square: [Float]
  private var count = 0

  init(_ way: Way, pixels: Int) {
    self.way = way
    mean = [Float](repeating: 0, count: pixels)
    square = mean
  }

  /// The length of a step, as a share of the largest norm of a window: falls by half a cosine.
  static func stride(_ step: Int, of count: Int, _ way: Way) -> Double {
    let done = Double(step) / Double(max(1, count - 1))
    return last + (way.first - last) * (1 + cos(.pi * done)) / 2
  }

  /// Takes the slopes in; only the proportions of what is returned count.
  mutating func direction(for slopes: [Float]) -> [Float] {
    let length = slopes.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length > 0, length.isFinite else { return [Float](repeating: 0, count: mean.count) }
    count += 1
    let (kept, keptSquare) = (Float(way.memory), Float(Self.squareMemory))
    let (whole, wholeSquare) = (
      Float(1 - pow(way.memory, Double(count))), Float(1 - pow(Self.squareMemory, Double(count)))
    )
    return slopes.indices.map { pixel in
      // Every step counts alike, however steep it was.
      let slope = slopes[pixel] / Float(length)
      mean[pixel] = kept * mean[pixel] + (1 - kept) * slope
      guard way.isScaled else { return mean[pixel] }
      square[pixel] = keptSquare * square[pixel] + (1 - keptSquare) * slope * slope
      return mean[pixel] / whole / ((square[pixel] / wholeSquare).squareRoot() + 1e-8)
    }
  }
}
