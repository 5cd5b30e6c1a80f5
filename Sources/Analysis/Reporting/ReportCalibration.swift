import Base
import Metrics

/// A report's gains and offsets: how much of the score a wrong scale and offset cost on each stimulus.
package struct ReportCalibration {
  private let judged: [JudgedStimulus]
  /// Gain, offset and their costs by stimulus, a row a cell.
  package let gains: [Table]

  package init(_ judged: [JudgedStimulus]) {
    self.judged = judged
    gains = judged.map(\.gain)
  }

  /// The columns of `gains` that are summarised over cells, and by what.
  package static let summaries: [(function: String, column: String)] = [
    ("median", "gain"), ("median", "offset"), ("median", "offset_hz"), ("mean", "bits_per_spike"),
    ("mean", "lost_to_scale"),
    ("mean", "lost_to_offset"), ("mean", "bits_per_spike_calibrated"), ("mean", "r"),
  ]

  /// Means over cells of one stimulus, and the median gain.
  package struct Cost {
    package var raw: MeanInterval
    package var scale: MeanInterval
    package var offset: MeanInterval
    package var calibrated: MeanInterval
    package var medianGain: Double
  }

  /// By stimulus; nil where no cell has a calibration.
  package var costs: [Cost?] {
    gains.map { gain in
      guard let raw = MeanInterval(Self.values(gain, "bits_per_spike")),
        let calibrated = MeanInterval(Self.values(gain, "bits_per_spike_calibrated")),
        let scale = MeanInterval(Self.values(gain, "lost_to_scale")),
        let offset = MeanInterval(Self.values(gain, "lost_to_offset")),
        let median = Quantile.median(Self.values(gain, "gain"))
      else { return nil }
      return Cost(raw: raw, scale: scale, offset: offset, calibrated: calibrated, medianGain: median)
    }
  }

  /// A row a stimulus.
  package var table: Table {
    let columns = Self.summaries.map { function, column in
      Column(
        column,
        gains.map { gain in
          let values = Self.values(gain, column)
          return function == "median" ? Quantile.median(values) : MeanInterval(values)?.mean
        }, unit: gains.first?[column]?.unit)
    }
    return Table(
      [
        Column("stimulus", judged.map { Optional($0.stimulus) }),
        Column("split", judged.map { Optional($0.part.split.rawValue) }),
        Column("cells", judged.map { judged in Optional(judged.calibration.cells.count { $0.gain != nil }) }),
      ] + columns,
      note:
        "rate = gain * rate + offset by the Poisson likelihood; gain and offset are fitted to the trials of the split and are medians over cells, all else means; scored on the half of the bins that was not fitted"
    )
  }

  private static func values(_ table: Table, _ column: String) -> [Double] {
    table[column]?.numbers?.compactMap(\.self) ?? []
  }
}
