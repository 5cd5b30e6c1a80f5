/// The Poisson likelihood's optimum over rate = g r + b with g >= 0 and every rate at or above a floor.
///
/// With u = r - min r the rate is g u + c, c = b + g min r, and the constraints become g >= 0, c >= 0. Scaling g and c
/// together shows that the optimum predicts as many spikes as there are: g U + c D = N (U the sum of u, D the number of
/// bins, N of spikes). What is left is one number, the share s of the mean rate that does not depend on the
/// prediction:
///
///     rate = N/D (v + s (1 - v)),   v = u D / U,   0 <= s <= 1
///
/// which minimises -sum y ln(v + s (1 - v)) over the bins with spikes: convex in s, so that Newton's method inside a
/// bracket finds the optimum, and s = 0 (some rate touches the floor, b < 0 or b = -g min r) and s = 1 (g = 0) are
/// met exactly. The floor, `Calibration.smallestRate` rather than 0, keeps the logarithm of every rate finite; it
/// moves the optimum by less than 1e-8 nats a bin.
package struct AffineOptimum: Sendable, Equatable {
  package var gain: Double
  package var offset: Double
  /// Nil unless s = 0, up to the floor, or s = 1.
  package var limit: CalibrationLimit?
  /// Whether the gradient over s vanishes (below 1e-9 a spike) or points out of the boundary on which s lies.
  package var converged: Bool

  private static let gradientTolerance = 1e-9
  private static let iterationLimit = 100

  /// - Parameters:
  ///   - cells: sums of the cells that share gain and offset: one, or all in the global modes.
  ///   - smallest: the smallest rate that must stay above the floor; at most the smallest of `cells`.
  /// - Precondition: finite sums, at least one spike, and rates that differ.
  package init(_ sums: ResponseSums, cells: [ResponseSums.Entry], smallest: Double, start: Double = 0.5) {
    var bins = 0.0
    var spikes = 0.0
    var excess = 0.0
    for cell in cells {
      bins += cell.bins
      spikes += cell.spikes
      excess += cell.rateSum - smallest * cell.bins
    }
    let meanCount = spikes / bins
    let scale = bins / excess
    let floor = min(1, Calibration.smallestRate / meanCount)
    var low = floor
    var high = 1.0
    var share = min(1, max(floor, start))
    var lowIsKnown = false
    var highIsKnown = false
    converged = false
    for _ in 0..<Self.iterationLimit {
      let (gradient, information) = Self.derivatives(at: share, sums, cells, smallest: smallest, scale: scale)
      let tolerance = Self.gradientTolerance * spikes
      if abs(gradient) <= tolerance || (share <= floor && gradient > 0) || (share >= 1 && gradient < 0) {
        converged = true
        break
      }
      if gradient > 0 {
        high = share
        highIsKnown = true
      } else {
        low = share
        lowIsKnown = true
      }
      var next = share - gradient / information
      // A Newton step beyond an end that was tried before is useless; an end that was not tried is tried itself.
      if !(next > low) { next = lowIsKnown ? (low + high) / 2 : low }
      if !(next < high) { next = highIsKnown ? (low + high) / 2 : high }
      if next == share {
        // The bracket is as narrow as numbers get.
        converged = abs(gradient) <= tolerance * max(1, information / spikes)
        break
      }
      share = next
    }
    gain = (1 - share) * meanCount * scale
    offset = share * meanCount - gain * smallest
    limit = share >= 1 ? .gainIsZero : share <= floor ? .lowestRateIsZero : nil
  }

  /// A pure gain, whose optimum is known in closed form.
  package init(gain: Double) {
    self.gain = gain
    offset = 0
    limit = nil
    converged = true
  }

  /// First and second derivative of -sum y ln(v + s (1 - v)) over s: the gradient and the observed Fisher information.
  private static func derivatives(
    at share: Double, _ sums: ResponseSums, _ cells: [ResponseSums.Entry], smallest: Double, scale: Double
  ) -> (gradient: Double, information: Double) {
    var gradient = 0.0
    var information = 0.0
    for cell in cells {
      let rates = sums.spikeRates.span.extracting(cell.range)
      let counts = sums.spikeCounts.span.extracting(cell.range)
      for index in 0..<rates.count {
        let v = (Double(rates[index]) - smallest) * scale
        let away = 1 - v
        let ratio = away / (v + share * away)
        let weighted = Double(counts[index]) * ratio
        gradient -= weighted
        information += weighted * ratio
      }
    }
    return (gradient, information)
  }

  /// Standard errors of gain and offset from the observed Fisher information over `cells`.
  ///
  /// Undefined where the optimum lies on a boundary, or the bins with spikes hold a single rate.
  package func standardErrors(_ sums: ResponseSums, cells: [ResponseSums.Entry]) -> (gain: Double, offset: Double)? {
    if limit != nil { return nil }
    var gg = 0.0
    var gb = 0.0
    var bb = 0.0
    for cell in cells {
      let rates = sums.spikeRates.span.extracting(cell.range)
      let counts = sums.spikeCounts.span.extracting(cell.range)
      for index in 0..<rates.count {
        let r = Double(rates[index])
        let rate = gain * r + offset
        let weight = Double(counts[index]) / (rate * rate)
        gg += weight * r * r
        gb += weight * r
        bb += weight
      }
    }
    let determinant = gg * bb - gb * gb
    guard determinant > 1e-12 * gg * bb else { return nil }
    return ((bb / determinant).squareRoot(), (gg / determinant).squareRoot())
  }
}
