/// Loss, gradient and Fisher information of one readout: sums over bins, not means.
package struct ReadoutSums: Sendable {
  /// What the correlation's gradient needs besides: sums over valid bins of s J, r s J, y s J and s² J Jᵀ, with s = d rate / d
  /// output and J the output's gradient.
  package struct RateGradients: Sendable {
    package var plain: [Double]
    package var byRate: [Double]
    package var byCount: [Double]
    /// Row-major, of which only the lower triangle is read.
    package var squares: [Double]
  }

  /// Sum of the mask.
  package var bins = 0.0
  package var spikes = 0.0
  /// Sum of d (r - y ln(r + 1e-8)).
  package var loss = 0.0
  package var correlation = CorrelationSums()
  /// Sum over bins of the squared derivative of the loss with respect to the pre-activation (what the output activation
  /// is taken of). 0 where derivatives were not asked for.
  package var preActivationSquares = 0.0
  /// By parameter.
  package var gradient: [Double]
  /// The lower triangle of the Fisher information, row-major; 0 above it.
  package var information: [Double]
  /// What the Fisher information lacks of the loss's second derivatives because the output is not linear in centre, widths and
  /// angle: sum of d loss / d output times the output's second derivatives. In the form of `information`; empty where the
  /// place does not move.
  package var curvature: [Double]
  /// Nil unless asked for.
  package var rateGradients: RateGradients?

  package init(parameters: Int, derivatives: Bool, correlates: Bool = false, curves: Bool = false) {
    curvature = [Double](repeating: 0, count: derivatives && curves ? parameters * parameters : 0)
    gradient = [Double](repeating: 0, count: parameters)
    information = [Double](repeating: 0, count: derivatives ? parameters * parameters : 0)
    if derivatives, correlates {
      rateGradients = RateGradients(
        plain: gradient, byRate: gradient, byCount: gradient, squares: information)
    }
  }

  package mutating func add(_ other: ReadoutSums) {
    bins += other.bins
    spikes += other.spikes
    loss += other.loss
    correlation.add(other.correlation)
    preActivationSquares += other.preActivationSquares
    Self.add(other.gradient, to: &gradient)
    Self.add(other.information, to: &information)
    Self.add(other.curvature, to: &curvature)
    if let own = other.rateGradients, var sum = rateGradients {
      rateGradients = nil
      Self.add(own.plain, to: &sum.plain)
      Self.add(own.byRate, to: &sum.byRate)
      Self.add(own.byCount, to: &sum.byCount)
      Self.add(own.squares, to: &sum.squares)
      rateGradients = sum
    }
  }

  private static func add(_ values: [Double], to sum: inout [Double]) {
    for index in sum.indices { sum[index] += values[index] }
  }

  /// Of sums in single precision.
  private static let rounding = 1e-5

  /// 1 - r of rates and counts over the valid bins, its gradient, and Gauss-Newton's approximation of its second
  /// derivatives: 1 - r is half the squared distance of the normalised rates from the normalised counts.
  /// `rounding` is what differences of sums may have taken from the information's diagonal.
  ///
  /// Undefined: nil as `CorrelationSums.loss`, and where its gradients were not asked for.
  package var correlationLoss: (loss: Double, gradient: [Double], information: [Double], rounding: [Double])? {
    guard let term = correlation.loss, let sums = rateGradients else { return nil }
    let number = Double(correlation.bins)
    let size = sums.plain.count
    // Sums of x J and y J with the deviations x and y.
    let x = sums.plain.indices.map { sums.byRate[$0] - term.rateMean * sums.plain[$0] }
    let y = sums.plain.indices.map { sums.byCount[$0] - term.countMean * sums.plain[$0] }
    let gradient = x.indices.map { -(y[$0] / term.scale - term.r * x[$0] / term.rateSquares) }
    var information = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0...i {
        let centred = sums.squares[i * size + j] - sums.plain[i] * sums.plain[j] / number
        information[i * size + j] = (centred - x[i] * x[j] / term.rateSquares) / term.rateSquares
      }
    }
    let rounding = (0..<size).map { Self.rounding * sums.squares[$0 * size + $0] / term.rateSquares }
    return (1 - term.r, gradient, information, rounding)
  }
}
