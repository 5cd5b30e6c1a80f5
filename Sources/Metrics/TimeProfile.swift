import Foundation

/// Temporal profile of a filter: which lags have its weight, and which temporal frequencies it passes.
///
/// A filter has rows (the pixels of a kernel, or repetitions of a measured response), each with a weight `w[l]` at lag `l`.
/// With the energy `e[l] = sum over rows w[l]²`, its sum `E`, the number of lags `K` and the power spectrum
/// `P(f) = sum over rows |sum_l w[l] exp(-2 pi i f l)|²`:
///
/// - `weightAtLag0`: e[0] / E
/// - `peak`: the lag with the largest e, in ms
/// - `mean`: sum_l l e[l] / E, in ms
/// - `meanStandardError`: of `mean` as a ratio of sums over rows, sqrt(n / (n - 1) sum over rows (sum_l (l - mean) w[l]²)²) / E
/// - `recentHalf`: the share of E at lags below the middle of the lag range; a lag in the middle counts half
/// - `dcShare`: P(0) / (K E), the share of the total power (over the K frequencies of a discrete transform) at 0 Hz: 1 for
///   equal weights, 0 for weights whose sum is 0
/// - `highPass`: 1 - sqrt(P(0) / max P): 0 where a constant input passes best, 1 where it does not pass
///
/// - Units: lags in frames; `peak` and `mean` in ms; frequencies in Hz.
/// - Undefined: everything where E is 0; the standard error with fewer than two rows; times and frequencies without a known
///   rate; the spectrum where lags are not evenly spaced; `weightAtLag0` where no lag is 0.
/// - Source: e and P as in SEMANTICS 23, with Parseval's theorem; `highPass` is 1 minus the gain at 0 Hz over the largest
///   gain.
public struct TimeProfile: Sendable, Equatable {
  /// Why every value is undefined.
  public enum Reason: String, Sendable {
    case silent = "no lag has any weight"
    case notFinite = "weights are not finite"
  }

  /// Ascending.
  public let lags: [Int]
  /// Lags per second; nil where unknown.
  private let rateHz: Double?
  /// `[lag]`, summed over rows.
  public let energy: [Double]
  /// `sum over rows and l of w[l] w[l + d]` for d = 0, 1, … positions.
  private let correlation: [Double]
  private let meanErrorLags: Double?

  /// - Parameters:
  ///   - lags: the lag of each position, all different; sorted here.
  ///   - rateHz: lags per second.
  ///   - weight: the weight of a row at a position.
  public init(lags: [Int], rateHz: Double?, rows: Int, weight: (_ row: Int, _ place: Int) -> Double) {
    let order = lags.indices.sorted { lags[$0] < lags[$1] }
    self.lags = order.map { lags[$0] }
    self.rateHz = rateHz.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    var correlation = [Double](repeating: 0, count: lags.count)
    var energy = correlation
    for row in 0..<rows {
      let weights = order.map { weight(row, $0) }
      for (place, value) in weights.enumerated() {
        energy[place] += value * value
        for distance in 0..<weights.count - place { correlation[distance] += value * weights[place + distance] }
      }
    }
    self.energy = energy
    self.correlation = correlation
    let total = energy.reduce(0, +)
    guard rows > 1, total > 0, total.isFinite else {
      meanErrorLags = nil
      return
    }
    let mean = zip(self.lags, energy).reduce(0) { $0 + Double($1.0) * $1.1 } / total
    let squares = (0..<rows).reduce(0.0) { sum, row in
      let moment = lags.indices.reduce(0.0) { $0 + (Double(lags[$1]) - mean) * weight(row, $1) * weight(row, $1) }
      return sum + moment * moment
    }
    meanErrorLags = (squares * Double(rows) / Double(rows - 1)).squareRoot() / total
  }

  /// Milliseconds per lag; nil where the rate is unknown.
  public var lagMs: Double? { rateHz.map { 1000 / $0 } }

  private var total: Double { energy.reduce(0, +) }

  /// Why every value is undefined; nil where they are not.
  public var reason: Reason? { total.isFinite ? total > 0 ? nil : .silent : .notFinite }

  /// `e[l] / E` for each lag; nil where it is undefined.
  public var shares: [Double]? { reason == nil ? energy.map { $0 / total } : nil }

  public var weightAtLag0: Double? { lags.firstIndex(of: 0).flatMap { place in shares.map { $0[place] } } }

  /// Position of the largest energy; of equal ones the earliest.
  public var peakPlace: Int? {
    guard reason == nil, let most = energy.max() else { return nil }
    return energy.firstIndex(of: most)
  }

  public var peakMs: Double? { peakPlace.flatMap { place in lagMs.map { Double(lags[place]) * $0 } } }

  public var meanMs: Double? {
    guard let shares, let lagMs else { return nil }
    return zip(lags, shares).reduce(0) { $0 + Double($1.0) * $1.1 } * lagMs
  }

  /// Uncertainty of `meanMs` where the rows are repetitions.
  public var meanStandardErrorMs: Double? { meanErrorLags.flatMap { error in lagMs.map { error * $0 } } }

  public var recentHalf: Double? {
    guard let shares, let first = lags.first, let last = lags.last else { return nil }
    return zip(lags, shares).reduce(0) { sum, item in
      sum + (2 * item.0 < first + last ? item.1 : 2 * item.0 == first + last ? item.1 / 2 : 0)
    }
  }

  /// Difference between neighbouring lags; nil where it varies or where there is only one lag.
  private var step: Int? {
    let steps = Set(zip(lags.dropFirst(), lags).map { $0 - $1 })
    return steps.count == 1 ? steps.first : nil
  }

  public var dcShare: Double? {
    guard reason == nil, lags.count == 1 || step != nil else { return nil }
    return power(0) / (Double(lags.count) * total)
  }

  public var highPass: Double? {
    guard reason == nil, lags.count == 1 || step != nil else { return nil }
    let most = (0...Self.points(lags.count)).map { power(Double($0) / Double(2 * Self.points(lags.count))) }.max() ?? 0
    return most > 0 ? 1 - (power(0) / most).squareRoot() : nil
  }

  /// Frequencies from 0 to half the rate, and the power at each; nil where undefined.
  public var spectrum: (hz: [Double], power: [Double])? {
    guard reason == nil, let rateHz, let step = lags.count == 1 ? 1 : step else { return nil }
    let points = Self.points(lags.count)
    let cycles = (0...points).map { Double($0) / Double(2 * points) }
    return (cycles.map { $0 * rateHz / Double(step) }, cycles.map(power))
  }

  /// The frequency with the most power.
  public var peakHz: Double? {
    guard let spectrum, let most = spectrum.power.max(), let place = spectrum.power.firstIndex(of: most) else {
      return nil
    }
    return spectrum.hz[place]
  }

  /// Number of frequencies above 0: at least 64, and at least four for each lag.
  private static func points(_ lags: Int) -> Int {
    var points = 64
    while points < 2 * lags { points *= 2 }
    return points
  }

  /// Power at `cycles` per position: the Fourier transform of the autocorrelation.
  private func power(_ cycles: Double) -> Double {
    var sum = correlation.first ?? 0
    for (distance, value) in correlation.enumerated().dropFirst() {
      sum += 2 * value * cos(2 * .pi * cycles * Double(distance))
    }
    return max(0, sum)
  }
}
