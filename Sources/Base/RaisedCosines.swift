import Foundation

/// Delta functions and raised cosines over time steps.
///
/// Source: Pillow et al. 2008; VisionCore's basis (SEMANTICS 5 and 19)
public struct RaisedCosines: Sendable {
  public var deltas = 0
  public var cosines = 10
  /// Time steps, without the leading one that is always 0.
  public var bins = 32
  public var isLogarithmic = true
  /// First and last peak, in milliseconds.
  public var peaks: ClosedRange<Double> = 5...100
  public var binMilliseconds = 5.0
  public var isNormalised = true
  public var isOrthogonal = false

  public init() {}

  /// `[function][tap]`; tap 0, the present step, is always 0.
  public var functions: [[Double]] {
    var functions = (0..<deltas).map { index in (0..<bins).map { $0 == index ? 1.0 : 0 } }
    functions += raised((0..<bins).map { Double($0) * binMilliseconds })
    functions = functions.map { [0] + $0 }
    if isOrthogonal { functions = Self.orthogonal(functions) }
    guard isNormalised else { return functions }
    return functions.map { function in
      let norm = function.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return function.map { $0 / max(norm, 1e-12) }
    }
  }

  private func raised(_ times: [Double]) -> [[Double]] {
    let first = isLogarithmic ? log(peaks.lowerBound) : peaks.lowerBound
    let last = isLogarithmic ? log(peaks.upperBound) : peaks.upperBound
    let step = cosines > 1 ? (last - first) / Double(cosines - 1) : 0
    let width = cosines > 1 ? 2 * step : last - first
    return (0..<cosines).map { index in
      let centre = cosines > 1 ? first + Double(index) * step : (first + last) / 2
      return times.map { time in
        let argument = ((isLogarithmic ? log(time + 1e-6) : time) - centre) * .pi / width
        return abs(argument) <= .pi ? (1 + cos(argument)) / 2 : 0
      }
    }
  }

  /// Makes the functions orthonormal, in their order (Gram and Schmidt).
  private static func orthogonal(_ functions: [[Double]]) -> [[Double]] {
    var basis: [[Double]] = []
    for function in functions {
      var rest = function
      for axis in basis {
        let overlap = zip(rest, axis).reduce(0) { $0 + $1.0 * $1.1 }
        for i in rest.indices { rest[i] -= overlap * axis[i] }
      }
      let norm = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
      basis.append(rest.map { $0 / max(norm, 1e-12) })
    }
    return basis
  }
}
