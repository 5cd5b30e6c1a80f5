/// What one cell's fit minimises: `w L + X (1 - r) + l2 |weights|²`, L the mean Poisson loss, r the correlation of rates and
/// counts.
package struct ReadoutTerms: Sendable {
  /// The cell's weight among others.
  package var weight = 1.0
  package var correlation = 0.0
  package var l2 = 0.0

  package init(weight: Double = 1, correlation: Double = 0, l2: Double = 0) {
    self.weight = weight
    self.correlation = correlation
    self.l2 = l2
  }

  /// The loss, its gradient, and an approximation of its second derivatives that is never negative.
  ///
  /// Undefined: where the correlation is not defined its term is the factor alone, with a gradient of 0.
  package func callAsFunction(
    _ sums: ReadoutSums, _ parameters: ReadoutParameters
  ) -> (loss: Double, gradient: [Double], information: [Double]) {
    let size = sums.gradient.count
    var loss = weight * sums.loss / sums.bins
    var gradient = sums.gradient.map { weight * $0 / sums.bins }
    var information = sums.information.map { weight * $0 / sums.bins }
    for (index, value) in parameters.weights.enumerated() {
      loss += l2 * value * value
      gradient[index] += 2 * l2 * value
      if !information.isEmpty { information[index * size + index] += 2 * l2 }
    }
    guard correlation != 0 else { return (loss, gradient, information) }
    loss += correlation * (1 - (sums.correlation.loss?.r ?? 0))
    if let term = sums.correlationLoss {
      for index in gradient.indices { gradient[index] += correlation * term.gradient[index] }
      for index in information.indices { information[index] += correlation * term.information[index] }
    }
    return (loss, gradient, information)
  }
}
