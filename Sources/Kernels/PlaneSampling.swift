/// Points that each sum some pixels of a plane, weighted: the same for every plane.
///
/// Shapes: planes `[plane, pixel]` -> `[plane, point]`.
public struct PlaneSampling: Sendable {
  public struct Tap: Sendable {
    public var pixel: Int
    public var weight: Float

    public init(pixel: Int, weight: Float) {
      self.pixel = pixel
      self.weight = weight
    }
  }

  /// The taps of all points, point by point.
  public let taps: [Tap]
  /// Where each point's taps begin, and the end of the last.
  private let starts: [Int]
  private let pixels: Int

  /// - Precondition: taps lie on a plane of `pixels`.
  public init(points: [[Tap]], pixels: Int) {
    taps = points.flatMap { $0 }
    starts = points.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    self.pixels = pixels
    precondition(taps.allSatisfy { (0..<pixels).contains($0.pixel) }, "a tap beyond a plane of \(pixels) pixels")
  }

  private var pointCount: Int { starts.count - 1 }

  public func callAsFunction(_ planes: [Float]) -> [Float] {
    let count = planes.count / max(1, pixels)
    var out = [Float](repeating: 0, count: count * pointCount)
    for plane in 0..<count {
      for point in 0..<pointCount {
        var sum: Float = 0
        for tap in taps[starts[point]..<starts[point + 1]] { sum += tap.weight * planes[plane * pixels + tap.pixel] }
        out[plane * pointCount + point] = sum
      }
    }
    return out
  }

  /// From the output's gradient to those of the planes and of the taps' weights.
  public func pullback(_ gradient: [Float], planes: [Float]) -> (planes: [Float], weights: [Float]) {
    let count = planes.count / max(1, pixels)
    precondition(gradient.count == count * pointCount)
    var planesGradient = [Float](repeating: 0, count: planes.count)
    var weights = [Double](repeating: 0, count: taps.count)
    for plane in 0..<count {
      for point in 0..<pointCount {
        let value = gradient[plane * pointCount + point]
        for index in starts[point]..<starts[point + 1] {
          let at = plane * pixels + taps[index].pixel
          planesGradient[at] += taps[index].weight * value
          weights[index] += Double(value) * Double(planes[at])
        }
      }
    }
    return (planesGradient, weights.map { Float($0) })
  }
}
