/// What one cell's fit minimises: `w L + X (1 - r) + l2 |weights|²`, L the mean Poisson loss, r the correlation of rates and
/// counts.
package struct ReadoutTerms: Sendable {
  /// The cell's weight among others.
  package var weight = 1.0
  package var correlation = 0.0
  package var l2 = 0.0
  /// Factor of the feature weights' sizes, which the optimiser adds: it has a corner at 0.
  package var l1 = 0.0

  package init(weight: Double = 1, correlation: Double = 0, l2: Double = 0, l1: Double = 0) {
    self.weight = weight
    self.correlation = correlation
    self.l2 = l2
    self.l1 = l1
  }

  package struct Value: Sendable {
    package var loss: Double
    package var gradient: [Double]
    /// An approximation of the second derivatives that is never negative.
    package var information: [Double]
    /// What it lacks because the output is not linear in centre, widths and angle; empty where the place does not move.
    package var curvature: [Double]
  }

  /// The loss and its derivatives.
  ///
  /// Undefined: where the correlation is not defined its term is the factor alone, with a gradient of 0.
  package func callAsFunction(_ sums: ReadoutSums, _ parameters: ReadoutParameters) -> Value {
    let curvature = sums.curvature.map { weight * $0 / sums.bins }
    let size = sums.gradient.count
    var loss = weight * sums.loss / sums.bins
    var gradient = sums.gradient.map { weight * $0 / sums.bins }
    var information = sums.information.map { weight * $0 / sums.bins }
    for (index, value) in parameters.weights.enumerated() {
      loss += l2 * value * value
      gradient[index] += 2 * l2 * value
      if !information.isEmpty { information[index * size + index] += 2 * l2 }
    }
    guard correlation != 0 else {
      return Value(loss: loss, gradient: gradient, information: information, curvature: curvature)
    }
    loss += correlation * (1 - (sums.correlation.loss?.r ?? 0))
    if let term = sums.correlationLoss {
      for index in gradient.indices { gradient[index] += correlation * term.gradient[index] }
      for index in information.indices { information[index] += correlation * term.information[index] }
    }
    return Value(loss: loss, gradient: gradient, information: information, curvature: curvature)
  }
}
