import Base
import Metrics

/// Causes in the recording itself: few spikes, masked bins, a low noise ceiling.
extension Diagnosis {
  /// Held-out spikes below which a score is uncertain.
  package static let fewestSpikes = 50.0

  var spikes: Double { scores.spikes.value ?? 0 }

  /// - Parameter masked: where the held-out trials would hold enough spikes without their masked bins, the mask is the cause.
  func fewSpikes(_ masked: Cause) -> Cause {
    if case .undefined(.responseNotFinite) = scores.spikes {
      return .unknown(.fewSpikes, Undefined.responseNotFinite.rawValue)
    }
    var strength = spikes > 0 ? Self.fewestSpikes / spikes : .infinity
    var words = "\(Value.whole(spikes).plainText) \(all.scoredWord) spikes in \(scores.validBins) bins"
    if spikes > 0 { words += ", a standard error of about \(Self.short(1.5 / spikes.squareRoot())) bits/spike" }
    let unmasked = spikes * Double(all.scoredRows.count) / Double(max(1, scores.validBins))
    if let hidden = masked.strength, hidden >= 1, strength >= hidden, unmasked >= Self.fewestSpikes {
      strength = hidden.nextDown
      words +=
        "; strength capped below that of the masked bins, because about \(Value.whole(unmasked.rounded()).plainText) spikes are expected without the mask"
    }
    return Cause(.fewSpikes, strength: strength, words)
  }

  /// Share of masked bins from which on a cell's numbers are hard to compare with the other cells'.
  static let maskedShare = 1.0 / 3

  var masked: Cause {
    let rows = series.mask.count
    let share = rows > 0 ? Double(series.mask.count { $0 == 0 }) / Double(rows) : 0
    let held = all.scoredRows.count { series.mask[$0] == 0 }
    return Cause(
      .masked, strength: max(share, Double(held) / Double(max(1, all.scoredRows.count))) / Self.maskedShare,
      "\(NumberText.percent(share)) of the recording's valid bins, \(held) of \(all.scoredRows.count) \(all.scoredWord) ones"
    )
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
