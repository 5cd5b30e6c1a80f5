import Base
import Foundation
import Metrics

/// Whether the cell responds to the stimulus at all.
///
/// Two tests ask for a response: the held-out counts follow a prediction (by correlation, or by a better likelihood than that of
/// a constant rate), and repeated trials agree. Their p values are combined. A cell is called not visual only where a response
/// as strong as the prediction's would have been seen: otherwise the data can't decide.
extension Diagnosis {
  /// Significance level of the evidence that the cell responds to the stimulus.
  static let significance = 0.01
  /// Expected evidence, in standard deviations of it without a response, from which on its absence says something: a response
  /// of this size is missed with a probability of 0.4 %.
  static let detectable = 5.0

  var notVisual: Cause {
    var words: [String] = []
    let follows = followed
    if let follows, let best = bestFollowed {
      words.append(
        follows > Self.significance
          ? "even the best prediction tried barely correlates (r \(Self.short(best.r)), p \(Self.short(best.p)))"
          : "\(all.scoredWord) counts correlate with the best prediction tried (r \(Self.short(best.r)), p \(Self.short(best.p)))"
      )
      if let z = surenessOverConstant, z > 0 {
        words.append("the best scaled prediction beats the constant rate by \(Self.short(z)) SE")
      }
    }
    let locking = all.responses.flatMap { responses in try? responses.locking[place].get() }
    if let locking, let responses = all.responses {
      words.append("\(locking.trialCount) repeats of \(responses.stimulus) agree with p \(Self.short(locking.p))")
    } else if all.responses == nil {
      words.append("no repeated trials for a test without a model")
    }
    guard let p = Self.combined([follows, locking?.p].compactMap { $0 }) else {
      return .unknown(.notVisual, words.joined(separator: "; "))
    }
    // 1 at the level, 2.5 without any evidence of a response, and smooth in between and below.
    let strength = max(0, 1 + 0.75 * log10(p / Self.significance))
    let power = max(follows == nil ? 0 : expectedCorrelation, locking.map(expectedAgreement) ?? 0)
    guard strength < 1 || power >= Self.detectable else {
      words.append(
        "the data can't decide: a cell that follows the prediction would show by \(Self.short(power)) SD, and 5 are needed"
      )
      return .unknown(.notVisual, words.joined(separator: "; "))
    }
    return Cause(.notVisual, strength: strength, words.joined(separator: "; "))
  }

  /// p of the hypothesis that the held-out counts follow no prediction: the smaller of the p of their correlation and of the
  /// likelihood beyond that of a constant rate, which nearly always agree.
  private var followed: Double? {
    guard let best = bestFollowed else { return nil }
    guard let z = surenessOverConstant else { return best.p }
    let tried = [scale?.rates, shift?.rates, refitted?.rates].compactMap { $0 }.count
    let likelihood = Double(max(1, tried)) * erfc(z / 2.0.squareRoot()) / 2
    return min(1, best.p, likelihood)
  }

  /// p of several tests of one hypothesis together: the smaller of Fisher's combination, to which weak evidence of every test adds
  /// up, and the smallest p times their number, so that one test without evidence does not hide the evidence of another.
  ///
  /// - Source: Fisher 1925. -2 sum ln p has a chi-squared distribution with 2 k degrees of freedom.
  static func combined(_ values: [Double]) -> Double? {
    guard let smallest = values.min() else { return nil }
    let half = values.reduce(0) { $0 - log(max($1, 1e-300)) }
    var term = 1.0
    var sum = 1.0
    for step in 1..<max(1, values.count) {
      term *= half / Double(step)
      sum += term
    }
    return min(1, exp(-half) * sum, Double(values.count) * smallest)
  }

  /// Squared coefficient of variation of the predicted rate on held-out bins; 0 where it is not known.
  private var predictedVariation: Double {
    var sums = (count: 0.0, rate: 0.0, square: 0.0)
    for row in all.scoredRows where series.mask[row] > 0 {
      let rate = Double(series.rates[row])
      sums.count += 1
      sums.rate += rate
      sums.square += rate * rate
    }
    guard sums.count > 0, sums.rate > 0, sums.square.isFinite else { return 0 }
    let mean = sums.rate / sums.count
    return max(0, sums.square / sums.count / (mean * mean) - 1)
  }

  /// How far the correlation of Poisson counts that follow the prediction would lie from 0, in standard deviations.
  private var expectedCorrelation: Double {
    guard scores.validBins > 0 else { return 0 }
    let signal = predictedVariation * spikes / Double(scores.validBins)
    return (signal / (1 + signal) * Double(scores.validBins)).squareRoot()
  }

  /// The same of the variance of the mean response over the places of repeated trials.
  private func expectedAgreement(_ locking: StimulusLocking) -> Double {
    predictedVariation * locking.spikes / (2 * Double(max(1, locking.binCount))).squareRoot()
  }
}
