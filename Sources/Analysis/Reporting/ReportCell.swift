import Base
import Fitting
import Metrics

/// One cell on one stimulus, with what could explain its score.
package struct ReportCell {
  package let scores: CellScores
  package let calibration: CellCalibration
  package let field: ReportFields.Cell?
  /// What the field was measured on.
  let fieldStimulus: String?
  /// Bits/spike on the training trials of the same stimulus.
  let training: Double?

  // The thresholds of `why`.
  private static let fewSpikes = Diagnosis.fewestSpikes
  private static let lowCeiling = Diagnosis.lowCeiling
  private static let worthwhile = Diagnosis.worthwhile
  private static let unlike = 0.2

  package init(
    _ scores: CellScores, _ calibration: CellCalibration, field: ReportFields.Cell?, fieldStimulus: String?,
    training: Double?
  ) {
    self.scores = scores
    self.calibration = calibration
    self.field = field
    self.fieldStimulus = fieldStimulus
    self.training = training
  }

  package var cid: CellID { scores.cid }
  package var bits: Double? { scores.bitsPerSpike.value }

  /// nil where nothing is remarkable.
  package var remarks: String? {
    let remarks = [undefined, spikes, ceiling, scale, place, overfit].compactMap(\.self)
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }

  private var undefined: String? { bits == nil ? scores.bitsPerSpike.reason : nil }

  private var spikes: String? {
    guard let spikes = scores.spikes.value, spikes > 0, spikes < Self.fewSpikes else { return nil }
    return "only \(ReportNumber.text(spikes)) spikes"
  }

  private var ceiling: String? {
    let most = scores[MaximumCorrelation.self]
    if let most = most.value {
      return most < Self.lowCeiling ? "low noise ceiling (cc_max \(ReportNumber.text(most)))" : nil
    }
    // The trials repeat, but the ceiling is undefined.
    let reasons: [Undefined] = [.nonPositiveSignalPower, .tooFewTrials]
    return reasons.map(\.rawValue).first { $0 == most.reason }.map { "no noise ceiling: \($0)" }
  }

  private var scale: String? {
    guard let raw = calibration.bitsPerSpike, let both = calibration.bitsPerSpikeCalibrated,
      let gain = calibration.gain
    else { return nil }
    if both - raw > Self.worthwhile {
      let left =
        both > Self.worthwhile
        ? "\(ReportNumber.text(both)) bits/spike with gain \(ReportNumber.text(gain)) and offset"
        : "rescaled no better than a constant rate" + (calibration.limit.map { " (\($0.rawValue))" } ?? "")
      return "\(Self.cost(raw, withGain: calibration.bitsPerSpikeGain, withBoth: both)); \(left)"
    }
    return both <= Self.worthwhile ? "no rescaling helps: wrong structure, or too little data" : nil
  }

  /// Which part of the scale costs how much, with the numbers of `gain`.
  private static func cost(_ raw: Double, withGain gain: Double?, withBoth both: Double) -> String {
    let parts = [("scale", gain.map { $0 - raw }), ("offset", gain.map { both - $0 })].compactMap { name, cost in
      cost.flatMap { $0 > worthwhile ? "wrong \(name) costs \(ReportNumber.text($0))" : nil }
    }
    return
      (parts.isEmpty
      ? "wrong scale and offset cost \(ReportNumber.text(both - raw)) together" : parts.joined(separator: ", "))
      + " bits/spike"
  }

  private var place: String? {
    guard let fieldStimulus, let field else { return nil }
    guard let snr = field.numbers?.snr else { return nil }
    if !field.isClear {
      let noise = field.noiseFloor.map { "; noise reaches \(ReportNumber.text($0))" } ?? ""
      return "no clear field on \(fieldStimulus) (SNR \(ReportNumber.text(snr))\(noise))"
    }
    guard let alike = field.alike, alike < Self.unlike else { return nil }
    return "the model's field is not the cell's (r \(ReportNumber.text(alike)))"
  }

  private var overfit: String? {
    guard let training, let bits, training - bits > Self.worthwhile, training - bits > abs(training) / 2 else {
      return nil
    }
    return "\(ReportNumber.text(training)) bits/spike on training trials"
  }

  package static let shape = TableShape<ReportCell>([
    .int("cid") { $0.cid },
    .float("rate_hz", unit: "Hz") { $0.scores.rateHz.value },
    .count("spikes") { $0.scores.spikes.value },
    .float("bits_per_spike", unit: BitsPerSpike.unit) { $0.bits },
    .float("r") { $0.scores.r.value },
    .float("gain") { $0.calibration.gain },
    .float("calibrated", unit: BitsPerSpike.unit) { $0.calibration.bitsPerSpikeCalibrated },
    .float("snr") { $0.field?.numbers?.snr },
    .float("r_field") { $0.field?.alike },
    .string("remarks") { $0.remarks },
  ])
}
