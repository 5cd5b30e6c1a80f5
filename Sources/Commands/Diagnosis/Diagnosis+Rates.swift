import Base
import Fitting
import Metrics
import Session

/// What is wrong with the rates as predicted: their scale, its change over time, their time.
extension Diagnosis {
  /// What a remedy must bring to be called found, in held-out bits per spike.
  static let worthwhile = 0.03
  /// Standard errors that it must be above nothing.
  static let surely = 3.0
  /// The same for a readout, which is fitted on other trials altogether.
  static let clearly = 2.0

  var drifting: Cause {
    guard let drift, let scale else { return .unknown(.drift, "too few trials, or no gain and offset") }
    guard
      let gained = compared(drift.rates, over: scale.rates)
    else {
      return .unknown(.drift, "no spikes")
    }
    // Shuffled trials tell chance from drift; how much it matters is told by the bits.
    let size = gained.difference / Self.worthwhile
    return Cause(
      .drift, strength: drift.p <= Self.significance ? size : min(size, 0.5),
      brings: compared(drift.rates, over: series.rates)?.difference,
      "observed over predicted goes from \(Self.short(drift.first)) to \(Self.short(drift.last)), first to last quarter, p \(Self.short(drift.p)); a gain that follows: \(Self.signed(gained.difference)) bits/spike"
    )
  }

  func misscaled(_ drifting: Cause) -> Cause {
    guard let scale, let raw = scores.bitsPerSpike.value, let mended = bits(scale.rates) else {
      return .unknown(.scale, scores.bitsPerSpike.reason ?? "gain and offset are not defined")
    }
    let gained = compared(scale.rates, over: series.rates)
    // What only leads back to the constant rate explains no more than that something is wrong.
    let useful = max(mended, 0) - max(raw, 0)
    let sure = (gained?.z ?? 0) / Self.surely
    var strength = max(min(useful / Self.worthwhile, sure), mended - raw >= Self.worthwhile && sure >= 1 ? 1 : 0)
    // Where a gain that changes is found, one that does not is no answer of its own.
    if let changing = drifting.strength, changing >= 1 { strength = min(strength, changing.nextDown) }
    return Cause(
      .scale, strength: strength, brings: mended - raw,
      "gain \(Self.short(scale.gain)), offset \(Self.short(scale.offset * series.rateHz)) Hz: \(Self.short(raw)) to \(Self.short(mended)) bits/spike\(mended <= 0 ? ", only the way back to the constant rate" : "")"
    )
  }

  var late: Cause {
    let peaks = fieldLatencies.map {
      "; fields peak at \(Self.short($0.data)) ms, the model's at \(Self.short($0.model)) ms"
    }
    guard let shift, let scale,
      let gained = compared(shift.rates, over: scale.rates, byPlace: true)
    else { return .unknown(.latency, "no run of frames is long enough, or no gain and offset" + (peaks ?? "")) }
    let milliseconds = Double(abs(shift.bins)) / series.rateHz * 1000
    let words =
      shift.bins == 0 || gained.difference <= 0
      ? "no shift up to \(LatencyShift.limit) bins tells the counts better"
      : "counts are told best \(Self.short(milliseconds)) ms \(shift.bins > 0 ? "later" : "earlier") than predicted: \(Self.signed(gained.difference)) bits/spike, z \(Self.short(gained.z))"
    return Cause(
      .latency, strength: shift.bins == 0 ? 0 : min(gained.difference / Self.worthwhile, gained.z / Self.surely),
      brings: compared(shift.rates, over: series.rates)?.difference, words + (peaks ?? ""))
  }

  /// Peak latencies of both fields in ms, where the data's stands clear of the noise.
  var fieldLatencies: (data: Double, model: Double)? {
    guard let row = clearField, let data = row.numbers, let model = row.modelNumbers else { return nil }
    return (data.peakLag / series.rateHz * 1000, model.peakLag / series.rateHz * 1000)
  }
}
