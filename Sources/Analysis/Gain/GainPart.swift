import Base
import Fitting
import Metrics

/// Gain, offset and what they cost on one stimulus.
package struct GainPart: Sendable {
  package var stimulus: String
  package var calibration: Calibration
  package var scores: [CellScores]
  /// Standard errors from the spread over trials; nil where they were not asked for.
  package var errors: [RobustErrors?]?

  package init(stimulus: String, calibration: Calibration, scores: [CellScores], errors: [RobustErrors?]? = nil) {
    self.stimulus = stimulus
    self.calibration = calibration
    self.scores = scores
    self.errors = errors
  }

  /// One cell on one stimulus.
  package struct Row: Sendable {
    var stimulus: String
    var cell: CellCalibration
    var score: CellScores
    var errors: RobustErrors?
    var reason: String?
  }

  package static func table(_ parts: [GainPart]) -> Table {
    shape.table(
      parts.flatMap { part in
        zip(part.calibration.cells, part.scores).enumerated().map { place, cell in
          let errors = part.errors.flatMap { $0.indices.contains(place) ? $0[place] : nil }
          let lacksErrors = part.errors != nil && errors == nil && cell.0.gainStandardError != nil
          let reasons = [cell.0.reason ?? cell.1.reason, lacksErrors ? RobustErrors.tooFew : nil].compactMap { $0 }
          return Row(
            stimulus: part.stimulus, cell: cell.0, score: cell.1, errors: errors,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
        }
      })
  }

  package static let shape = TableShape<Row>([
    .string("stimulus", "The recording's stimulus") { $0.stimulus },
    .int("cid", "The cell's id in its recording") { $0.cell.cid },
    .float("rate_hz", unit: "Hz") { $0.score.rateHz.value },
    .float(
      "gain", "The factor on the predicted rate; 1: right as it is, 0: the prediction does not help"
    ) { $0.cell.gain },
    .float("gain_se", "Standard error of the gain, from the spread over trials") { $0.errors?.gain },
    .float("offset", unit: "counts/bin", "What is added to the predicted rate after the gain") { $0.cell.offset },
    .float("offset_hz", unit: "Hz", "The offset in spikes a second; null where the bins' length is not known") {
      $0.cell.offsetHz
    },
    .float("offset_se", unit: "counts/bin", "Standard error of the offset, from the spread over trials") {
      $0.errors?.offset
    },
    .float("bits_per_spike", unit: BitsPerSpike.unit) { $0.cell.bitsPerSpike },
    .float("lost_to_scale", unit: BitsPerSpike.unit, "By how much a gain alone raises the held-out score") {
      difference($0.cell.bitsPerSpikeGain, $0.cell.bitsPerSpike)
    },
    .float("lost_to_offset", unit: BitsPerSpike.unit, "By how much an offset raises it beyond the gain") {
      difference($0.cell.bitsPerSpikeCalibrated, $0.cell.bitsPerSpikeGain)
    },
    .float(
      "bits_per_spike_calibrated", unit: BitsPerSpike.unit, "Held-out score with gain and offset"
    ) { $0.cell.bitsPerSpikeCalibrated },
    .float("r") { $0.score.r.value },
    .string("reason", "Why numbers of this row are undefined, or that gain or offset ended at a limit") {
      $0.reason ?? $0.cell.remark
    },
  ])

  private static func difference(_ a: Double?, _ b: Double?) -> Double? {
    guard let a, let b else { return nil }
    return a - b
  }
}
