import Base
import Metrics

/// Causes in the recording itself: few spikes, masked bins, a cell that is not visual, a low noise ceiling.
extension Diagnosis {
  /// Held-out spikes below which a score is uncertain.
  package static let fewestSpikes = 50.0

  var spikes: Double { scores.spikes.value ?? 0 }

  var fewSpikes: Cause {
    let error = spikes > 0 ? ", a standard error of about \(Self.short(1.5 / spikes.squareRoot())) bits/spike" : ""
    return Cause(
      .fewSpikes, strength: spikes > 0 ? Self.fewestSpikes / spikes : .infinity,
      "\(Value.whole(spikes).plainText) held-out spikes in \(scores.validBins) bins\(error)")
  }

  /// Share of masked bins from which on a cell's numbers are hard to compare with the other cells'.
  static let maskedShare = 1.0 / 3

  var masked: Cause {
    let rows = series.mask.count
    let share = rows > 0 ? Double(series.mask.count { $0 == 0 }) / Double(rows) : 0
    let held = all.scoredRows.count { series.mask[$0] == 0 }
    return Cause(
      .masked, strength: max(share, Double(held) / Double(max(1, all.scoredRows.count))) / Self.maskedShare,
      "\(NumberText.percent(share)) of the recording's valid bins, \(held) of \(all.scoredRows.count) held-out ones")
  }

  /// Significance level of the evidence that the cell responds to the stimulus.
  static let significance = 0.01

  var notVisual: Cause {
    var words: [String] = []
    var levels: [Double] = []
    if let best = bestFollowed {
      words.append(
        best.p > Self.significance
          ? "even the best prediction tried barely correlates (r \(Self.short(best.r)), p \(Self.short(best.p)))"
          : "held-out counts correlate with the best prediction tried (r \(Self.short(best.r)), p \(Self.short(best.p)))"
      )
      levels.append(best.p)
    }
    if let responses = all.responses, case .success(let locking) = responses.locking[place] {
      words.append("\(locking.trialCount) repeats of \(responses.stimulus) agree with p \(Self.short(locking.p))")
      levels.append(locking.p)
    } else if all.responses == nil {
      words.append("no repeated trials for a test without a model")
    }
    if levels.allSatisfy({ $0 > Self.significance }), spikes < Self.fewestSpikes, all.responses == nil {
      return .unknown(.notVisual, "too few held-out spikes for a test, and no repeated trials")
    }
    guard let p = levels.min() else { return .unknown(.notVisual, words.joined(separator: "; ")) }
    if let z = surenessOverConstant, z >= Self.surely {
      words.append("the best scaled prediction beats the constant rate by \(Self.short(z)) SE")
      return Cause(.notVisual, strength: Self.suspicious * min(p / Self.significance, 1), words.joined(separator: "; "))
    }
    // Above the level a larger p is hardly more evidence: no response was found.
    return Cause(
      .notVisual, strength: p > Self.significance ? 2 + p : Self.suspicious * p / Self.significance,
      words.joined(separator: "; "))
  }

  /// cc_max below which even a good model scores low.
  package static let lowCeiling = 0.5

  var ceiling: Cause {
    guard let responses = all.responses else { return .unknown(.ceiling, "no stimulus of the recording is repeated") }
    switch responses.ceilings[place] {
    case .value(let value):
      let strength = Self.lowCeiling / value
      let words = "cc_max \(Self.short(value)) on \(responses.stimulus): no model's trial average can correlate better"
      if strength > 1, !isLocked(responses) {
        return Cause(.ceiling, strength: 1, words + "; strength capped at 1, because the repeats do not agree")
      }
      return Cause(.ceiling, strength: strength, words)
    case .undefined(let reason): return .unknown(.ceiling, "\(responses.stimulus): \(reason.rawValue)")
    }
  }

  func isLocked(_ responses: RepeatedResponses) -> Bool {
    if case .success(let locking) = responses.locking[place] { locking.p <= Self.significance } else { true }
  }
}
