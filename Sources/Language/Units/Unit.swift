import Base

/// A unit, identified by its spelling. Only units of time and of frequency are converted.
struct Unit: Equatable, Sendable {
  let name: String

  /// Units that may follow a number, whatever commands there are.
  static let known = ["Hz", "kHz", "s", "ms", "us", "min", "h", "bins", "px", "deg", "rad"]

  private enum Dimension: Equatable {
    case time, frequency
    case other(String)
  }

  /// Its size in the dimension's base unit (s, Hz), as a fraction of whole numbers.
  private var size: (dimension: Dimension, numerator: Int, denominator: Int) {
    switch name {
    case "s": (.time, 1, 1)
    case "ms": (.time, 1, 1000)
    case "us": (.time, 1, 1_000_000)
    case "min": (.time, 60, 1)
    case "h": (.time, 3600, 1)
    case "Hz": (.frequency, 1, 1)
    case "kHz": (.frequency, 1000, 1)
    default: (.other(name), 1, 1)
    }
  }

  /// Factors that convert numbers of this unit to the other. Nil where the units measure different quantities.
  func factor(to other: Unit) -> (multiplier: Int, divisor: Int)? {
    let from = size
    let to = other.size
    guard from.dimension == to.dimension else { return nil }
    let multiplier = from.numerator * to.denominator
    let divisor = from.denominator * to.numerator
    let common = Self.commonDivisor(multiplier, divisor)
    return (multiplier / common, divisor / common)
  }

  /// The base unit of the same dimension.
  var base: Unit {
    switch size.dimension {
    case .time: Unit(name: "s")
    case .frequency: Unit(name: "Hz")
    case .other: self
    }
  }

  /// The unit of the reciprocal, where there is one.
  var reciprocal: Unit? {
    switch size.dimension {
    case .time: Unit(name: "Hz")
    case .frequency: Unit(name: "s")
    case .other: nil
    }
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }
}
