import Base
import Metrics
import Rendering
import Session

extension ReportMaterial {
  private static let worstCount = 8
  private static let bestCount = 4

  /// The cells that are told worst and best, with what speaks for a reason.
  var cellChapter: ReportDocument.Chapter {
    var parts: [ReportDocument.Part] = []
    for judged in judged {
      let rows = rows(judged).sorted { ($0.bits ?? .infinity, $0.cid) < ($1.bits ?? .infinity, $1.cid) }
      let scored = rows.filter { $0.bits != nil }
      parts.append(.table("Worst on \(judged.label)", Self.table(Array(scored.prefix(Self.worstCount)))))
      parts.append(.table("Best on \(judged.label)", Self.table(scored.suffix(Self.bestCount).reversed())))
      let silent = rows.filter { $0.bits == nil }
      if !silent.isEmpty { parts.append(.table("Without a score on \(judged.label)", Self.table(silent))) }
      parts.append(.folded("All \(rows.count) cells on \(judged.label)", Self.table(rows)))
    }
    return ReportDocument.Chapter(
      "cells", "Worst and best cells",
      findings: [
        "The remarks put beside each cell what could explain its score: few spikes, a low noise ceiling, a wrong scale, no field of its own, a model field elsewhere, training trials that it does better on. They are evidence, not proof."
      ], parts: parts,
      commands: judged.flatMap { judged in
        let worst = rows(judged).filter { $0.bits != nil }.min { ($0.bits ?? 0, $0.cid) < ($1.bits ?? 0, $1.cid) }
        return ["\(commands.on(judged.part, "eval")) | where bits_per_spike != null | sort bits_per_spike"]
          + (worst.map { [commands.why($0.cid, on: judged.stimulus), commands.neuron($0.cid, on: judged.stimulus)] }
            ?? [])
      })
  }

  private func rows(_ judged: Judged) -> [ReportCell] {
    let known = try? fields.get()
    return zip(judged.part.scores, judged.calibration.cells).map { scores, calibration in
      let place = judged.part.scores.firstIndex { $0.cid == scores.cid } ?? 0
      let training = training.first { $0.stimulus == judged.stimulus }?.scores[place].bitsPerSpike.value
      return ReportCell(
        scores, calibration, field: known?.cells[scores.cid], fieldStimulus: known?.stimulus, training: training)
    }
  }

  private static func table(_ cells: [ReportCell]) -> Table {
    Table([
      Column("cid", cells.map { Optional($0.cid) }), Column("rate_hz", cells.map(\.scores.rateHz.value), unit: "Hz"),
      Column("spikes", collecting: cells.map { Value.whole($0.scores.spikes.value) }),
      Column("bits_per_spike", cells.map(\.bits), unit: BitsPerSpike.unit), Column("r", cells.map(\.scores.r.value)),
      Column("gain", cells.map(\.calibration.gain)),
      Column("calibrated", cells.map(\.calibration.bitsPerSpikeCalibrated), unit: BitsPerSpike.unit),
      Column("snr", cells.map { $0.field?.numbers?.snr }), Column("r_field", cells.map { $0.field?.alike }),
      Column("remarks", cells.map(\.remarks)),
    ])
  }
}
