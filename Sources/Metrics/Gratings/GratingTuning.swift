import Base
import Foundation

/// Grating tuning of one cell, from its counts or from predicted rates.
///
/// m[o, s] is the mean response `lag` frames after a grating of orientation o and spatial frequency s was shown:
///
/// - `lag`: the lag at which m varies most over conditions; of equal ones the earliest
/// - `frequency`: the s with the largest mean of m over orientations
/// - `orientation`: half the angle of sum_o m[o, frequency] exp(2 i o), degrees from 0 to below 180
/// - `selectivity` (OSI): |sum_o m exp(2 i o)| / sum_o m at that frequency, which is 1 minus the circular variance
/// - `phaseRatio` (F1/F0): sqrt(b² + c²) / a of the least-squares fit a + b cos(phase) + c sin(phase) to the responses to
///   the strongest orientation at that frequency
///
/// - Units: counts a frame, frames, degrees.
/// - Undefined: everything where there is no response; the selectivity with fewer than three orientations; the ratio where
///   phases are unknown, or too few to fit the three terms.
/// - Source: Ringach, Shapley & Hawken 2002 (circular variance); Skottun et al. 1991 (F1/F0).
public struct GratingTuning: Sendable, Equatable {
  /// Why a value is undefined.
  public enum Reason: String, Sendable, CaseIterable {
    case silent = "no response"
    case allMasked = "no valid bin after a grating"
    case notFinite = "prediction is not finite"
    case fewOrientations = "fewer than three orientations"
    case missingConditions = "an orientation has no valid bin"
    case noPhase = "no phase"
    case fewPhases = "too few phases"
  }

  public let lag: Int?
  /// Mean response to each condition at the lag; nil for a condition without a valid bin.
  public private(set) var means: [Double?] = []
  /// Number of valid bins of each condition at the lag.
  public private(set) var bins: [Int] = []
  /// Indices into the conditions' frequencies and orientations.
  public private(set) var frequency: Int?
  public private(set) var strongest: Int?
  public private(set) var orientation: Double?
  public private(set) var selectivity: Double?
  public private(set) var phaseRatio: Double?
  public private(set) var reason: Reason?

  private static let leastOrientations = 3
  /// Fewest bins for a fit of three terms.
  private static let leastPhases = 8

  /// - Parameters:
  ///   - responses: counts or rates, one for each of `frames`; nil where the bin is not valid.
  ///   - frames: the frame of each response, ascending.
  ///   - stretches: for each frame of the recording, the uninterrupted stretch that it belongs to; a response and its grating
  ///     lie in the same stretch.
  ///   - phase: of the grating in each frame, in radians; NaN where none is shown.
  ///   - lags: the lags to try, in frames from the grating to the response.
  public init(
    responses: [Double?], frames: [Int], conditions: GratingConditions, stretches: [Int], phase: [Double]?,
    lags: ClosedRange<Int>
  ) {
    /// The frame whose grating a response at this lag answers.
    func cause(_ row: Int, _ lag: Int) -> Int? {
      let frame = frames[row] - lag
      return frame >= 0 && stretches[frame] == stretches[frames[row]] ? frame : nil
    }
    var best: (lag: Int, variance: Double, means: [Double?], bins: [Int])?
    for lag in lags {
      var sums = [Double](repeating: 0, count: conditions.count)
      var bins = [Int](repeating: 0, count: conditions.count)
      for row in frames.indices {
        guard let response = responses[row], let frame = cause(row, lag), let condition = conditions.shown[frame] else {
          continue
        }
        sums[condition] += response
        bins[condition] += 1
      }
      let means = zip(sums, bins).map { $1 > 0 ? $0 / Double($1) : nil }
      let known = means.compactMap(\.self)
      guard !known.isEmpty else { continue }
      let variance = Moments.variance(known, missing: 0)
      guard variance.isFinite else {
        self.lag = nil
        reason = .notFinite
        return
      }
      if variance > best?.variance ?? -1 { best = (lag, variance, means, bins) }
    }
    guard let best else {
      lag = nil
      reason = .allMasked
      return
    }
    guard best.means.contains(where: { $0 ?? 0 > 0 }) else {
      lag = nil
      reason = .silent
      return
    }
    lag = best.lag
    means = best.means
    bins = best.bins
    let orientations = conditions.orientations
    let width = conditions.frequencies.count
    func column(_ frequency: Int) -> [Double?] { orientations.indices.map { best.means[$0 * width + frequency] } }
    func mean(_ frequency: Int) -> Double {
      let known = column(frequency).compactMap(\.self)
      return known.isEmpty ? -.infinity : Moments.mean(known)
    }
    let chosen = (0..<width).reduce(0) { mean($1) > mean($0) ? $1 : $0 }
    frequency = chosen
    let curve = column(chosen)
    let top = orientations.indices.reduce(0) { curve[$1] ?? -.infinity > curve[$0] ?? -.infinity ? $1 : $0 }
    strongest = top
    let known = curve.compactMap(\.self)
    if orientations.count < Self.leastOrientations {
      reason = .fewOrientations
    } else if known.count < orientations.count {
      reason = .missingConditions
    } else {
      let (x, y) = zip(known, orientations).reduce((0.0, 0.0)) { sum, item in
        let angle = 2 * item.1 * .pi / 180
        return (sum.0 + item.0 * cos(angle), sum.1 + item.0 * sin(angle))
      }
      let total = known.reduce(0, +)
      if total > 0 {
        selectivity = hypot(x, y) / total
        orientation = GratingConditions.folded(atan2(y, x) * 90 / .pi)
      }
    }
    guard let phase else {
      reason = reason ?? .noPhase
      return
    }
    var fit = PhaseFit()
    for row in frames.indices {
      guard let response = responses[row], let frame = cause(row, best.lag),
        conditions.shown[frame] == top * width + chosen, phase[frame].isFinite
      else { continue }
      fit.add(phase[frame], response)
    }
    phaseRatio = fit.count >= Self.leastPhases ? fit.ratio : nil
    if phaseRatio == nil { reason = reason ?? .fewPhases }
  }
}

/// a + b cos(phase) + c sin(phase) by least squares.
private struct PhaseFit {
  var count = 0
  private var matrix = [Double](repeating: 0, count: 9)
  private var right = [Double](repeating: 0, count: 3)

  mutating func add(_ phase: Double, _ response: Double) {
    let terms = [1, cos(phase), sin(phase)]
    for row in 0..<3 {
      for column in 0..<3 { matrix[row * 3 + column] += terms[row] * terms[column] }
      right[row] += terms[row] * response
    }
    count += 1
  }

  /// F1 / F0; nil where the phases do not determine the three terms, or where the mean is not above 0.
  var ratio: Double? {
    func determinant(_ m: [Double]) -> Double {
      m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6])
    }
    let whole = determinant(matrix)
    // A quarter of the cube of the count for evenly spread phases; close to 0 for one or two phases.
    guard whole > 1e-6 * pow(Double(count), 3) else { return nil }
    let terms = (0..<3).map { column -> Double in
      var replaced = matrix
      for row in 0..<3 { replaced[row * 3 + column] = right[row] }
      return determinant(replaced) / whole
    }
    return terms[0] > 0 ? hypot(terms[1], terms[2]) / terms[0] : nil
  }
}
