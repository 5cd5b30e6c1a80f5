import Foundation

/// The output nonlinearity of a twin: `log(1 + e^x)`, the identity above 20, as in torch.
package enum Softplus {
  package static let threshold = 20.0

  @inline(__always)
  package static func value(_ x: Double) -> Double { x > threshold ? x : log1p(exp(x)) }

  /// d value / d x.
  @inline(__always)
  package static func derivative(_ x: Double) -> Double { x > threshold ? 1 : 1 / (1 + exp(-x)) }

  /// The x whose value is `y`. Undefined for y <= 0.
  package static func inverse(_ y: Double) -> Double { y > threshold ? y : log(expm1(y)) }
}
