import Base
import Formats

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

extension LimitedMemoryBFGS {
  private static let prefix = "lbfgs/"

  /// Everything that it remembers, as arrays that `restore` takes: `[pair, value]`.
  var state: [NamedArray] {
    let width = pairs.first?.step.count ?? 0
    return [
      NamedArray(
        Self.prefix + "step", shape: [pairs.count, width], values: .float64(pairs.flatMap(\.step))),
      NamedArray(
        Self.prefix + "change", shape: [pairs.count, width], values: .float64(pairs.flatMap(\.change))),
      NamedArray(Self.prefix + "curvature", shape: [pairs.count], values: .float64(pairs.map(\.curvature))),
      NamedArray(Self.prefix + "converged", shape: [1], values: .bool([hasConverged])),
    ]
  }

  /// - Throws: `mismatch` for arrays that do not belong together; what reading throws.
  mutating func restore(_ state: any ArraySource) throws {
    let curvatures = try state.doubles(Self.prefix + "curvature")
    let (steps, changes) = (try state.doubles(Self.prefix + "step"), try state.doubles(Self.prefix + "change"))
    guard steps.count == changes.count, curvatures.isEmpty ? steps.isEmpty : steps.count % curvatures.count == 0 else {
      throw Failure(.mismatch, "\(state.origin): the state of L-BFGS does not fit together")
    }
    let width = curvatures.isEmpty ? 0 : steps.count / curvatures.count
    pairs = curvatures.indices.map { index in
      let own = index * width..<(index + 1) * width
      return Pair(step: Array(steps[own]), change: Array(changes[own]), curvature: curvatures[index])
    }
    hasConverged = try state.integers(Self.prefix + "converged").first == 1
  }
}
