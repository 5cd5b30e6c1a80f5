import Kernels

/// What one cell's fit minimises: `w L + X (1 - r) + l2 |weights|² + s (1/stdY² + 1/stdX²)/2`, L the mean Poisson loss, r the
/// correlation of rates and counts.
package struct ReadoutTerms: Sendable {
  /// The cell's weight among others.
  package var weight = 1.0
  package var correlation = 0.0
  package var l2 = 0.0
  /// Factor of the feature weights' sizes, which the optimiser adds: it has a corner at 0.
  package var l1 = 0.0
  /// Factor of the mask's roughness: the mean square of its slope over its own, both integrated over the plane.
  package var smoothness = 0.0

  package init(
    weight: Double = 1, correlation: Double = 0, l2: Double = 0, l1: Double = 0, smoothness: Double = 0
  ) {
    self.weight = weight
    self.correlation = correlation
    self.l2 = l2
    self.l1 = l1
    self.smoothness = smoothness
  }

  /// Factor of each of the readout's numbers' sizes.
  func sizePenalty(_ readout: ReadoutParameters) -> [Double] {
    l1 == 0 ? [] : readout.vector.indices.map { $0 < readout.channels ? l1 : 0 }
  }

  /// The loss of a readout that reads nothing through a mask.
  func loss(of constant: ConstantRate, _ mask: GaussianMask) -> Double {
    weight * constant.loss + correlation + roughness(mask)
  }

  private func roughness(_ mask: GaussianMask) -> Double {
    smoothness == 0 ? 0 : smoothness * (1 / (mask.stdY * mask.stdY) + 1 / (mask.stdX * mask.stdX)) / 2
  }

  /// The loss and its derivatives.
  ///
  /// - Parameters:
  ///   - steadies: whether the correlation's information gets what rounding may have taken, so that it is never negative.
  ///   - shears: as in `ReadoutObjective.Item`.
  ///
  /// Undefined: where the correlation is not defined its term is the factor alone, with a gradient of 0.
  package func callAsFunction(
    _ sums: ReadoutSums, _ parameters: ReadoutParameters, steadies: Bool = false, shears: Bool = false
  ) -> LossDerivatives {
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
    if smoothness != 0 {
      let mask = parameters.mask
      loss += roughness(mask)
      // By the logarithms of the widths.
      for (index, std) in [(parameters.channels + 3, mask.stdY), (parameters.channels + 4, mask.stdX)] {
        gradient[index] -= smoothness / (std * std)
        if !information.isEmpty { information[index * size + index] += 2 * smoothness / (std * std) }
      }
      if shears, !information.isEmpty { information[size * size - 1] += 2 * smoothness * mask.shearScale }
    }
    guard correlation != 0 else {
      return LossDerivatives(loss: loss, gradient: gradient, information: information, curvature: curvature)
    }
    loss += correlation * (1 - (sums.correlation.loss?.r ?? 0))
    if let term = sums.correlationLoss {
      for index in gradient.indices { gradient[index] += correlation * term.gradient[index] }
      for index in information.indices { information[index] += correlation * term.information[index] }
      if steadies {
        for index in term.rounding.indices { information[index * size + index] += correlation * term.rounding[index] }
      }
    }
    return LossDerivatives(loss: loss, gradient: gradient, information: information, curvature: curvature)
  }
}
