/// A smooth loss at a point, with its derivatives.
package struct LossDerivatives: Sendable {
  package var loss: Double
  package var gradient: [Double]
  /// An approximation of the second derivatives that is never negative; row-major, of which only the lower triangle is read.
  package var information: [Double]
  /// What the information lacks of the second derivatives; empty where that is not known.
  package var curvature: [Double]

  package init(loss: Double, gradient: [Double], information: [Double], curvature: [Double] = []) {
    self.loss = loss
    self.gradient = gradient
    self.information = information
    self.curvature = curvature
  }

  func scaled(by factor: Double) -> LossDerivatives {
    guard factor != 1 else { return self }
    return LossDerivatives(
      loss: factor * loss, gradient: gradient.map { factor * $0 }, information: information.map { factor * $0 },
      curvature: curvature.map { factor * $0 })
  }
}
