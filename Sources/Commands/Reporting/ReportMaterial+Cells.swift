import Analysis
import Rendering

extension ReportMaterial {
  private static let worstCount = 8
  private static let bestCount = 4

  /// The worst and best predicted cells, with what could explain their scores.
  var cellChapter: ReportDocument.Chapter {
    var parts: [ReportDocument.Part] = []
    for judged in judged {
      let rows = rows(judged).sorted { ($0.bits ?? .infinity, $0.cid) < ($1.bits ?? .infinity, $1.cid) }
      let scored = rows.filter { $0.bits != nil }
      parts.append(.table("Worst on \(judged.label)", ReportCell.shape.table(Array(scored.prefix(Self.worstCount)))))
      parts.append(.table("Best on \(judged.label)", ReportCell.shape.table(scored.suffix(Self.bestCount).reversed())))
      let silent = rows.filter { $0.bits == nil }
      if !silent.isEmpty { parts.append(.table("Without a score on \(judged.label)", ReportCell.shape.table(silent))) }
      parts.append(.folded("All \(rows.count) cells on \(judged.label)", ReportCell.shape.table(rows)))
    }
    return ReportDocument.Chapter(
      "cells", "Worst and best cells",
      findings: [
        "The remarks list what could explain each cell's score: few spikes, a low noise ceiling, a wrong scale, no clear receptive field, a model field in another place, a better score on training trials. They are evidence, not proof."
      ], parts: parts,
      commands: judged.flatMap { judged in
        let worst = rows(judged).filter { $0.bits != nil }.min { ($0.bits ?? 0, $0.cid) < ($1.bits ?? 0, $1.cid) }
        return ["\(commands.on(judged.part, "eval")) | where bits_per_spike != null | sort bits_per_spike"]
          + (worst.map { [commands.why($0.cid, on: judged.stimulus), commands.neuron($0.cid, on: judged.stimulus)] }
            ?? [])
      })
  }

  private func rows(_ judged: JudgedStimulus) -> [ReportCell] {
    let known = try? fields.get()
    return zip(judged.part.scores, judged.calibration.cells).map { scores, calibration in
      let place = judged.part.scores.firstIndex { $0.cid == scores.cid } ?? 0
      let training = training.first { $0.stimulus == judged.stimulus }?.scores[place].bitsPerSpike.value
      return ReportCell(
        scores, calibration, field: known?.cells[scores.cid], fieldStimulus: known?.stimulus, training: training)
    }
  }
}
