import Base
import Metrics
import Session

/// What the recording itself tells of the cell.
extension Diagnosis {
  /// Held-out spikes below which a score says little.
  static let fewestSpikes = 50.0

  var spikes: Double { scores.spikes.value ?? 0 }

  var fewSpikes: Cause {
    let error = spikes > 0 ? ", a standard error of some \(Self.short(1.5 / spikes.squareRoot())) bits/spike" : ""
    return Cause(
      .fewSpikes, strength: spikes > 0 ? Self.fewestSpikes / spikes : Cause.strongest,
      "\(Value.whole(spikes).plainText) held-out spikes in \(scores.validBins) bins\(error)")
  }

  /// The share of bins without which a cell's numbers are of something else than the others'.
  static let maskedShare = 1.0 / 3

  var masked: Cause {
    let rows = series.mask.count
    let share = rows > 0 ? Double(series.mask.count { $0 == 0 }) / Double(rows) : 0
    let held = all.scoredRows.count { series.mask[$0] == 0 }
    return Cause(
      .masked, strength: max(share, Double(held) / Double(max(1, all.scoredRows.count))) / Self.maskedShare,
      "\(NumberText.percent(share)) of the recording's valid bins, \(held) of \(all.scoredRows.count) held-out ones")
  }

  /// Evidence that the cell answers the stimulus is asked for at this level.
  static let significance = 0.01

  var notVisual: Cause {
    var words: [String] = []
    var levels: [Double] = []
    if let best = bestFollowed {
      words.append(
        "held-out counts follow the best prediction tried with r \(Self.short(best.r)), p \(Self.short(best.p))")
      levels.append(best.p)
    }
    if let responses = all.responses, case .success(let locking) = responses.locking[place] {
      words.append("\(locking.trialCount) repeats of \(responses.stimulus) agree with p \(Self.short(locking.p))")
      levels.append(locking.p)
    } else if all.responses == nil {
      words.append("no repeated trials to tell it without a model")
    }
    if levels.allSatisfy({ $0 > Self.significance }), spikes < Self.fewestSpikes, all.responses == nil {
      return .unknown(.notVisual, "too few held-out spikes to tell, and no repeated trials")
    }
    guard let p = levels.min() else { return .unknown(.notVisual, words.joined(separator: "; ")) }
    if let z = surenessOverConstant, z >= Self.surely {
      words.append("the best scaled prediction beats the constant rate by \(Self.short(z)) SE")
      return Cause(.notVisual, strength: Self.suspicious * min(p / Self.significance, 1), words.joined(separator: "; "))
    }
    // Above the level a larger p is hardly more evidence: no answer was found.
    return Cause(
      .notVisual, strength: p > Self.significance ? 2 + p : Self.suspicious * p / Self.significance,
      words.joined(separator: "; "))
  }

  /// cc_max below which a good model can't look good.
  static let lowCeiling = 0.5

  var ceiling: Cause {
    guard let responses = all.responses else { return .unknown(.ceiling, "no stimulus of the recording is repeated") }
    switch responses.ceilings[place] {
    case .value(let value):
      return Cause(
        .ceiling, strength: min(Self.lowCeiling / value, isLocked(responses) ? Cause.strongest : 1),
        "cc_max \(Self.short(value)) on \(responses.stimulus): no model's trial average can correlate better")
    case .undefined(let reason): return .unknown(.ceiling, "\(responses.stimulus): \(reason.rawValue)")
    }
  }

  func isLocked(_ responses: RepeatedResponses) -> Bool {
    if case .success(let locking) = responses.locking[place] { locking.p <= Self.significance } else { true }
  }
}
