import Base

/// A few numbers that a fit depends on, moved by quasi-Newton steps; at each place the fit is made again, from the last one.
///
/// Where the fit is at its optimum, the gradient of its loss by the outer numbers is that with the fit's own numbers held. So the
/// search sees the loss of both together, although the fit has many more numbers. Steps are halved until the loss falls enough.
/// Source: BFGS, Nocedal and Wright 2006, algorithm 6.1; Golub and Pereyra 1973 for the projection.
package struct OuterSearch<Fit> {
  package struct Point {
    package var numbers: [Double]
    package var loss: Double
    package var fit: Fit

    package init(numbers: [Double], loss: Double, fit: Fit) {
      self.numbers = numbers
      self.loss = loss
      self.fit = fit
    }
  }

  package private(set) var best: Point
  package private(set) var steps = 0
  /// Whether no step promised more than the tolerance, or none along the gradient lowered the loss.
  package private(set) var converged = false

  /// Length of the first step, and the longest change of a number in one step.
  private static var firstLength: Double { 0.05 }
  private static var longest: Double { 0.3 }
  private static var sufficientDecrease: Double { 1e-4 }
  private static var halvings: Int { 6 }

  /// - Parameters:
  ///   - start: where the loss is finite.
  ///   - tolerance: of the loss.
  ///   - fit: the loss and the fit at some numbers, from the fit before.
  ///   - gradient: of the loss by the numbers.
  /// - Throws: what the closures throw.
  package init(
    start: Point, tolerance: Double, mostSteps: Int, fit: ([Double], Fit) throws -> (loss: Double, fit: Fit),
    gradient: (Point) throws -> [Double]
  ) throws {
    best = start
    let size = start.numbers.count
    var slope = try gradient(best)
    var inverse: [[Double]]?
    while steps < mostSteps {
      let length = Self.dot(slope, slope).squareRoot()
      guard length > 0, length.isFinite else {
        converged = length == 0
        return
      }
      var direction =
        inverse.map { $0.map { -Self.dot($0, slope) } } ?? slope.map { -$0 * Self.firstLength / length }
      let largest = direction.reduce(0) { max($0, abs($1)) }
      if largest > Self.longest { direction = direction.map { $0 * Self.longest / largest } }
      let fall = Self.dot(direction, slope)
      if inverse != nil, fall >= 0 {
        inverse = nil
        continue
      }
      if inverse != nil, -fall / 2 < tolerance {
        converged = true
        return
      }
      guard let next = try lower(along: direction, fall: fall, fit) else {
        guard inverse == nil else {
          inverse = nil
          continue
        }
        converged = true
        return
      }
      steps += 1
      let newSlope = try gradient(next)
      let step = zip(next.numbers, best.numbers).map { $0 - $1 }
      let change = zip(newSlope, slope).map { $0 - $1 }
      let gain = best.loss - next.loss
      (best, slope) = (next, newSlope)
      inverse = Self.updated(inverse, size: size, step: step, change: change)
      if gain < tolerance, inverse != nil {
        converged = true
        return
      }
    }
  }

  private func lower(
    along direction: [Double], fall: Double, _ fit: ([Double], Fit) throws -> (loss: Double, fit: Fit)
  ) throws -> Point? {
    var size = 1.0
    for _ in 0..<Self.halvings {
      let numbers = zip(best.numbers, direction).map { $0 + size * $1 }
      let (loss, found) = try fit(numbers, best.fit)
      if loss.isFinite, loss <= best.loss + Self.sufficientDecrease * size * fall {
        return Point(numbers: numbers, loss: loss, fit: found)
      }
      size /= 2
    }
    return nil
  }

  /// The inverse of the second derivatives with what a step told of them; as it was where the step told of none.
  private static func updated(
    _ inverse: [[Double]]?, size: Int, step: [Double], change: [Double]
  ) -> [[Double]]? {
    let curvature = dot(step, change)
    guard curvature > 1e-10 * (dot(step, step) * dot(change, change)).squareRoot(), curvature > 0 else {
      return inverse
    }
    let scale = curvature / dot(change, change)
    let old = inverse ?? (0..<size).map { i in (0..<size).map { $0 == i ? scale : 0 } }
    let moved = old.map { dot($0, change) }
    let factor = 1 + dot(change, moved) / curvature
    return (0..<size).map { i in
      (0..<size).map { j in
        old[i][j] + (factor * step[i] * step[j] - moved[i] * step[j] - step[i] * moved[j]) / curvature
      }
    }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
