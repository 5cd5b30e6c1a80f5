/// How far a fit's damped Newton steps are trusted, which of them it takes, and when it has come to rest.
///
/// A fit may have several parts, each with its own damping: each part's model may be right or wrong by itself.
///
/// - Source: damping as in Nielsen 1999, "Damping parameter in Marquardt's method".
package struct StepControl: Sendable {
  package enum Status: Sendable { case running, converged, stopped }

  /// In what damping counts.
  package enum Scaling: Sendable {
    /// The information about each number.
    case information
    /// The information and the size of what it lacks of the second derivative. Where a mask lies between two pixels there is next to
    /// no information about its place, yet the loss bends within a small part of a pixel: in the information alone, steps of any
    /// damping go far beyond that, and a fit gets stuck. These steps are shorter.
    case curvature

    /// - Parameters:
    ///   - information, curvature: as in `LossDerivatives`.
    func scales(_ information: [Double], _ curvature: [Double], count: Int) -> [Double] {
      (0..<count).map { index in
        let place = index * count + index
        guard self == .curvature else { return information[place] }
        return max(0, information[place]) + (curvature.isEmpty ? 0 : abs(curvature[place]))
      }
    }
  }

  /// A step: how much the damped model falls, how much the model without damping does, and where it leads.
  struct Step<Trial> {
    var decrement: Double
    var promise: Double
    var trial: Trial
  }

  package private(set) var status = Status.running
  /// The lowest loss so far, with what a step on trust promised; infinite before the first.
  package private(set) var loss = Double.infinity
  /// By part.
  private(set) var dampings: [Double]
  private var growths: [Double]
  /// What the last step promised.
  private(set) var promise = 0.0
  /// The share of the last step's promise that came true; 0 where the loss did not fall.
  private var gain = 0.0
  private let tolerance: Double
  private let trusted: Double
  private var remaining: Int
  /// Loss when the current stretch of evaluations began, and how many it has seen.
  private var stretch = (loss: Double.infinity, evaluations: 0)
  /// What the first of the steps that all failed had promised.
  private var firstFailure: Double?

  /// A fit is at rest where steps of every length fail, and the longest promised less than this.
  private static let restPromise = 1e-5
  /// Where the second derivatives are approximated, a step can promise more than it keeps. A fit has therefore also come to
  /// rest when so many evaluations together gain less than `restGain` tolerances.
  private static let restEvaluations = 40
  private static let restGain = 10.0
  /// A step is taken on trust only where the one before kept its promise to within this share.
  private static let trustedGain = 0.1
  private static let smallestDamping = 1e-12
  private static let largestDamping = 1e12

  /// - Parameters:
  ///   - tolerance: stops as converged once a step promises less than this for each part.
  ///   - trusted: a step that promises less than this is the last one, taken without asking for the loss there, where the one before
  ///     kept its promise; 0 for never.
  ///   - maxIterations: evaluations.
  init(parts: Int = 1, tolerance: Double, trusted: Double = 0, maxIterations: Int) {
    dampings = [Double](repeating: 1e-3, count: parts)
    growths = [Double](repeating: 2, count: parts)
    self.tolerance = tolerance * Double(max(1, parts))
    self.trusted = trusted
    remaining = maxIterations
  }

  /// Takes the loss at the trial.
  ///
  /// - Parameter gains: by part, the share of what its model promised that came true; of the whole loss where nil.
  /// - Returns: whether the loss is the lowest so far. The fit may be over.
  mutating func receive(_ newLoss: Double, gains: [Double]? = nil) -> Bool {
    remaining -= 1
    let isFirst = loss == .infinity
    let isLowest = newLoss.isFinite && newLoss <= loss
    if isLowest {
      if !isFirst {
        let whole = promise > 0 ? (loss - newLoss) / promise : 0
        gain = whole
        for part in dampings.indices { adapt(part, gain: gains?[part] ?? whole) }
      }
      firstFailure = nil
      loss = newLoss
    } else {
      guard !isFirst else {
        status = .stopped
        return false
      }
      // A step this small fails only by rounding.
      if promise < 10 * tolerance, isNearlyFree {
        status = .converged
        return false
      }
      gain = 0
      if firstFailure == nil { firstFailure = promise }
      for part in dampings.indices { shorten(part) }
    }
    stretch.evaluations += 1
    if stretch.evaluations >= Self.restEvaluations {
      if stretch.loss - loss < Self.restGain * tolerance {
        status = .converged
        return isLowest
      }
      stretch = (loss, 0)
    }
    if remaining <= 0 { status = .stopped }
    return isLowest
  }

  /// The next step; nil where the fit is over, unless its last step is taken on trust.
  ///
  /// - Parameter attempt: the step at some dampings; nil where there is none.
  mutating func next<Trial>(_ attempt: ([Double]) -> Step<Trial>?) -> Trial? {
    guard status == .running else { return nil }
    while dampings.contains(where: { $0 < Self.largestDamping }) {
      if let step = attempt(dampings) {
        // A heavily damped step promises little even far from the optimum.
        if step.decrement < tolerance, isNearlyFree {
          status = .converged
          return nil
        }
        if step.promise > 0 {
          promise = step.promise
          if promise < trusted, isNearlyFree, abs(gain - 1) < Self.trustedGain {
            loss -= promise
            status = .converged
          }
          return step.trial
        }
      }
      for part in dampings.indices { shorten(part) }
    }
    // No step lowers the loss, however short: at rest, if the longest promised next to nothing.
    status = (firstFailure ?? .infinity) < Self.restPromise ? .converged : .stopped
    return nil
  }

  /// Ends the fit where nothing can move.
  mutating func rest() { status = .converged }

  private var isNearlyFree: Bool { dampings.allSatisfy { $0 <= 1 } }

  private mutating func adapt(_ part: Int, gain: Double) {
    guard gain >= 0 else {
      shorten(part)
      return
    }
    let factor = 2 * gain - 1
    dampings[part] = max(Self.smallestDamping, dampings[part] * max(1.0 / 3, 1 - factor * factor * factor))
    growths[part] = 2
  }

  private mutating func shorten(_ part: Int) {
    dampings[part] = min(2 * Self.largestDamping, dampings[part] * growths[part])
    growths[part] *= 2
  }
}
