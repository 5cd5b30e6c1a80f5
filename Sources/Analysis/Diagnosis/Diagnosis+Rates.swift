import Base
import Fitting
import Metrics

/// Causes in the predicted rates: a drifting rate, a wrong gain or offset, a wrong latency.
extension Diagnosis {
  /// Smallest improvement, in held-out bits per spike, for which a cause is reported.
  package static let worthwhile = 0.03
  /// Smallest improvement in standard errors.
  static let surely = 3.0
  /// The same for a refitted readout, which is fitted on the training trials alone, and for a latency on repeated trials.
  static let clearly = 2.0

  var drifting: Cause {
    guard let drift, let scale else { return .unknown(.drift, "too few trials, or gain and offset are undefined") }
    guard
      let gained = compared(drift.rates, over: scale.rates)
    else {
      return .unknown(.drift, "no spikes")
    }
    // The shuffled trials decide between chance and drift; the improvement decides how much it matters.
    let size = gained.difference / Self.worthwhile
    return Cause(
      .drift, strength: drift.p <= Self.significance ? size : min(size, 0.5),
      expectedGain: compared(drift.rates, over: series.rates)?.difference,
      "observed / predicted goes from \(Self.short(drift.first)) to \(Self.short(drift.last)), first to last quarter, p \(Self.short(drift.p)); with a slow gain: \(Self.signed(gained.difference)) bits/spike\(drift.p > Self.significance && size > 0.5 ? "; strength capped at 0.5, because p is above 0.01" : "")"
    )
  }

  func misscaled(_ drifting: Cause, _ late: Cause) -> Cause {
    guard let scale, let raw = scores.bitsPerSpike.value, let mended = bits(scale.rates) else {
      return .unknown(.scale, scores.bitsPerSpike.reason ?? "gain and offset are undefined")
    }
    let gained = compared(scale.rates, over: series.rates)
    // A rescaling that only reaches the score of the constant rate shows that something is wrong, but not what.
    let useful = max(mended, 0) - max(raw, 0)
    let sure = (gained?.z ?? 0) / Self.surely
    var strength = max(min(useful / Self.worthwhile, sure), mended - raw >= Self.worthwhile && sure >= 1 ? 1 : 0)
    // Where a slow gain explains the score, a constant gain is not a cause of its own.
    let isBelowDrift = drifting.strength.map { $0 >= 1 && strength >= $0 } ?? false
    if isBelowDrift, let changing = drifting.strength { strength = changing.nextDown }
    // A gain that makes up for a wrong latency only flattens the rate: with the shift the score is more than twice as high.
    if let later = late.strength, later >= 1, let shifted = shift.flatMap({ bits($0.rates) }), mended < shifted / 2 {
      strength = min(strength, later.nextDown)
    }
    return Cause(
      .scale, strength: strength, expectedGain: mended - raw,
      "\(scale.text(rateHz: series.rateHz)): \(Self.short(raw)) to \(Self.short(mended))\(all.scoredWord == "held-out" ? " held-out" : "") bits/spike\(mended <= 0 ? ", no better than the constant rate" : "")\(isBelowDrift ? "; strength capped below that of the drifting rate" : "")"
    )
  }

  var late: Cause {
    let peaks = fieldLatencies.map {
      "; the receptive field peaks at \(Self.short($0.data)) ms in the data, at \(Self.short($0.model)) ms in the model"
    }
    guard let shift, let scale,
      let gained = compared(shift.rates, over: scale.rates, byPlace: true)
    else {
      return .unknown(.latency, "no run of frames is long enough, or gain and offset are undefined" + (peaks ?? ""))
    }
    // Repeated frames are few observations, each of many trials.
    let limit = all.predictions.trialBins == nil ? Self.surely : Self.clearly
    let milliseconds = Double(abs(shift.bins)) / series.rateHz * 1000
    let words =
      shift.bins == 0 || gained.difference <= 0
      ? "shifting the prediction by up to \(LatencyShift.limit) bins does not improve it"
      : "the prediction fits best shifted \(Self.short(milliseconds)) ms \(shift.bins > 0 ? "later" : "earlier"): \(Self.signed(gained.difference)) bits/spike, z \(Self.short(gained.z))"
    return Cause(
      .latency, strength: shift.bins == 0 ? 0 : min(gained.difference / Self.worthwhile, gained.z / limit),
      expectedGain: compared(shift.rates, over: series.rates)?.difference, words + (peaks ?? ""))
  }

  /// Peak latencies of both fields in ms, where the data's field is clear of the noise.
  var fieldLatencies: (data: Double, model: Double)? {
    guard let row = clearField, let data = row.numbers, let model = row.modelNumbers else { return nil }
    return (row.scale.peakLagMilliseconds(data), row.scale.peakLagMilliseconds(model))
  }
}
