import Base

/// Directions of L-BFGS from the last steps and changes of the gradient.
///
/// Source: Nocedal 1980; Nocedal and Wright 2006, algorithm 7.4. A pair whose curvature is not positive is left out.
public struct LimitedMemoryBFGS: Sendable, Equatable {
  /// Values that the trained part may have: each pair that is kept holds as many numbers twice.
  public static let mostValues = 100_000
  private static let mostPairs = 10
  private static let smallestCurvature = 1e-10

  private struct Pair: Sendable, Equatable {
    var step: [Double]
    var change: [Double]
    var curvature: Double
  }

  private var pairs: [Pair] = []
  /// Whether no step along the gradient lowers the objective any more.
  public internal(set) var hasConverged = false

  public init() {}

  var isEmpty: Bool { pairs.isEmpty }

  mutating func forget() { pairs = [] }

  /// - H g, with the first Hessian scaled by the newest pair.
  func direction(_ gradient: [Double]) -> [Double] {
    var out = gradient.map { -$0 }
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = Self.dot(pair.step, out) / pair.curvature
      shares.append(share)
      Self.add(-share, pair.change, to: &out)
    }
    if let last = pairs.last {
      let scale = last.curvature / Self.dot(last.change, last.change)
      for index in out.indices { out[index] *= scale }
    }
    for (pair, share) in zip(pairs, shares.reversed()) {
      Self.add(share - Self.dot(pair.change, out) / pair.curvature, pair.step, to: &out)
    }
    return out
  }

  mutating func remember(step: [Double], change: [Double]) {
    let curvature = Self.dot(step, change)
    let scale = (Self.dot(step, step) * Self.dot(change, change)).squareRoot()
    guard curvature > Self.smallestCurvature * scale, scale > 0 else { return }
    pairs.append(Pair(step: step, change: change, curvature: curvature))
    if pairs.count > Self.mostPairs { pairs.removeFirst() }
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  private static func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
    for index in b.indices { b[index] += factor * a[index] }
  }
}
