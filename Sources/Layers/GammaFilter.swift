import Foundation

/// A filter over past time steps whose shape has two parameters.
///
/// K(t) = t^n exp(-t / tau) / max(tau^(n + 1) Gamma(n + 1), 1e-9), with tau in steps at least 0.1.
///
/// - Units: the time constant in milliseconds
/// - Source: Clark et al. 2013, eq. 15; SEMANTICS 5
struct GammaFilter {
  private let order: Double
  private let tau: Double
  private let norm: Double
  /// d tau / d milliseconds; 0 at a limit.
  private let stepsPerMillisecond: Double
  private let orderIsFree: Bool

  private static let smallestTau = 0.1
  private static let smallestNorm = 1e-9
  private static let smallestMilliseconds: Float = 0.01

  init(milliseconds: Float, order given: Float, smallestOrder: Float, rate: Double) {
    order = Double(max(given, smallestOrder))
    orderIsFree = given >= smallestOrder
    let steps = Double(max(milliseconds, Self.smallestMilliseconds)) / 1000 * rate
    tau = max(steps, Self.smallestTau)
    stepsPerMillisecond = milliseconds >= Self.smallestMilliseconds && steps >= Self.smallestTau ? rate / 1000 : 0
    norm = max(pow(tau, order + 1) * tgamma(order + 1), Self.smallestNorm)
  }

  /// K at the steps 0 ..< length.
  func values(_ length: Int) -> [Float] {
    (0..<length).map { Float(pow(Double($0), order) * exp(-Double($0) / tau) / norm) }
  }

  /// From the gradient of K to those of milliseconds and order.
  func pullback(_ gradient: [Double]) -> (milliseconds: Double, order: Double) {
    var (tauGradient, orderGradient) = (0.0, 0.0)
    let normIsFree = norm > Self.smallestNorm
    for (step, value) in gradient.enumerated() where step > 0 {
      let t = Double(step)
      let share = value * pow(t, order) * exp(-t / tau) / norm
      tauGradient += share * (t / (tau * tau) - (normIsFree ? (order + 1) / tau : 0))
      orderGradient += share * (log(t) - (normIsFree ? log(tau) + Self.digamma(order + 1) : 0))
    }
    return (tauGradient * stepsPerMillisecond, orderIsFree ? orderGradient : 0)
  }

  /// Derivative of ln Gamma for x > 0: the recurrence up to 6, then the asymptotic series.
  private static func digamma(_ x: Double) -> Double {
    var x = x
    var sum = 0.0
    while x < 6 {
      sum -= 1 / x
      x += 1
    }
    let square = 1 / (x * x)
    return sum + log(x) - 0.5 / x
      - square * (1.0 / 12 - square * (1.0 / 120 - square * (1.0 / 252 - square * (1.0 / 240 - square / 132))))
  }
}
