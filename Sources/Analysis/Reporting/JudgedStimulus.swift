import Base
import Fitting
import Metrics

/// A twin's scores on a stimulus and split by which a report judges it.
package struct JudgedStimulus: Sendable {
  package var part: GeneralizationPart
  package var metrics: [any Metric.Type]
  package var calibration: Calibration

  package init(part: GeneralizationPart, metrics: [any Metric.Type], calibration: Calibration) {
    self.part = part
    self.metrics = metrics
    self.calibration = calibration
  }

  package var stimulus: String { part.stimulus }

  /// `gaborium, held-out trials`
  package var label: String {
    part.kind == .withheld ? "\(part.stimulus), all trials" : "\(part.stimulus), held-out trials"
  }

  /// Gain, offset and their costs, a row a cell.
  package var gain: Table {
    GainPart.table([GainPart(stimulus: stimulus, calibration: calibration, scores: part.scores)])
  }

  /// How the score depends on the firing rate over cells; nil where the correlation is undefined.
  package var rateCorrelation: RankCorrelation? {
    let known = part.scores.compactMap { scores -> (rate: Double, bits: Double)? in
      guard let rate = scores.rateHz.value, let bits = scores.bitsPerSpike.value else { return nil }
      return (rate, bits)
    }
    return RankCorrelation(known.map(\.rate), known.map(\.bits))
  }
}
