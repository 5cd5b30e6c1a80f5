import Analysis
import Base
import Language
import Metrics
import Rendering
import Session

extension ReportMaterial {
  /// What is lost to a wrong scale and offset, and what no rescaling mends.
  var calibrationChapter: ReportDocument.Chapter {
    let gains = judged.map(\.gain)
    return ReportDocument.Chapter(
      "calibration", "Calibration", findings: zip(judged, gains).compactMap(Self.cost),
      parts: [.table("Gain and offset by stimulus", Self.summary(judged, gains))]
        + [.figures(zip(judged, gains).flatMap(Self.figures))],
      commands: judged.flatMap { judged in
        let cells = commands.gain(judged.part)
        return [
          "\(cells) | summarize \(Self.summaries.map { "\($0.function)(\($0.column))" }.joined(separator: " "))",
          "\(cells) | plot bits_per_spike bits_per_spike_calibrated --diagonal", "\(cells) | plot gain offset",
        ]
      })
  }

  private static let summaries: [(function: String, column: String)] = [
    ("median", "gain"), ("median", "offset"), ("mean", "bits_per_spike"), ("mean", "lost_to_scale"),
    ("mean", "lost_to_offset"), ("mean", "bits_per_spike_calibrated"), ("mean", "r"),
  ]

  private static func values(_ table: Table, _ column: String) -> [Double] {
    table[column]?.numbers?.compactMap(\.self) ?? []
  }

  private static func cost(_ judged: Judged, _ gain: Table) -> String? {
    guard let raw = MeanInterval(values(gain, "bits_per_spike")),
      let left = MeanInterval(values(gain, "bits_per_spike_calibrated")),
      let scale = MeanInterval(values(gain, "lost_to_scale")),
      let offset = MeanInterval(values(gain, "lost_to_offset")),
      let median = Quantile.median(values(gain, "gain"))
    else { return nil }
    return
      "\(judged.label): \(ReportNumber.text(raw.mean)) bits/spike as predicted. A gain per cell (median \(ReportNumber.text(median))) adds \(ReportNumber.text(scale)), an offset beside it \(ReportNumber.text(offset)), on trials that were not fitted. With both it is \(ReportNumber.text(left)): what the structure is worth, whatever the scale."
  }

  private static func summary(_ judged: [Judged], _ gains: [Table]) -> Table {
    let columns = summaries.map { function, column in
      Column(
        column,
        gains.map { gain in
          let values = values(gain, column)
          return function == "median" ? Quantile.median(values) : MeanInterval(values)?.mean
        })
    }
    return Table(
      [
        Column("stimulus", judged.map { Optional($0.stimulus) }),
        Column("split", judged.map { Optional($0.part.split.rawValue) }),
        Column("cells", judged.map { judged in Optional(judged.calibration.cells.count { $0.gain != nil }) }),
      ] + columns,
      note:
        "rate = gain * rate + offset by the Poisson likelihood; gain and offset (counts/bin) are medians over cells, all else means; bits/spike, scored on the half of the trials that was not fitted"
    )
  }

  private static func figures(_ judged: Judged, _ gain: Table) -> [Figure] {
    [
      plot(gain, judged.label) {
        $0.x = "bits_per_spike"
        $0.y = "bits_per_spike_calibrated"
        $0.hasDiagonal = true
      },
      plot(gain, judged.label) {
        $0.x = "gain"
        $0.y = "offset"
      },
    ].compactMap(\.self)
  }
}
