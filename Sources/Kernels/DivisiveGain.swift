/// One signal divided by another: alpha y / max(1 + beta z, 1e-6).
///
/// Shapes: `signals` `[time, y or z, position]` -> `[time, position]`.
public struct DivisiveGain: Sendable {
  public var alpha: Float
  public var beta: Float

  private static let smallest: Float = 1e-6

  public init(alpha: Float, beta: Float) {
    self.alpha = alpha
    self.beta = beta
  }

  public func callAsFunction(_ signals: [Float], positions: Int) -> [Float] {
    let times = signals.count / max(1, 2 * positions)
    var out = [Float](repeating: 0, count: times * positions)
    for time in 0..<times {
      let y = 2 * time * positions
      let z = y + positions
      for index in 0..<positions {
        out[time * positions + index] = alpha * signals[y + index] / max(1 + beta * signals[z + index], Self.smallest)
      }
    }
    return out
  }

  /// From the output's gradient to those of the signals, of alpha and of beta.
  public func pullback(
    _ gradient: [Float], signals: [Float], positions: Int
  ) -> (signals: [Float], alpha: Float, beta: Float) {
    precondition(signals.count == 2 * gradient.count)
    var out = [Float](repeating: 0, count: signals.count)
    var (alphaGradient, betaGradient) = (0.0, 0.0)
    for time in 0..<gradient.count / max(1, positions) {
      let y = 2 * time * positions
      let z = y + positions
      for index in 0..<positions {
        let value = gradient[time * positions + index]
        let divisor = 1 + beta * signals[z + index]
        let share = value / max(divisor, Self.smallest)
        out[y + index] = alpha * share
        alphaGradient += Double(share * signals[y + index])
        // Where the divisor is held at its limit it passes nothing on.
        guard divisor >= Self.smallest else { continue }
        let divided = -alpha * share * signals[y + index] / divisor
        out[z + index] = beta * divided
        betaGradient += Double(divided * signals[z + index])
      }
    }
    return (out, Float(alphaGradient), Float(betaGradient))
  }
}
