import Analysis
import Base
import Metrics
import Rendering
import Session

extension ReportMaterial {
  /// How scores are spread over cells, and whether they go with the firing rate.
  var scoreChapter: ReportDocument.Chapter {
    ReportDocument.Chapter(
      "scores", "How scores are spread", findings: judged.compactMap(withRate),
      parts: [.figures(judged.flatMap(figures))],
      commands: judged.flatMap { judged in
        let scores = commands.on(judged.part, "eval")
        return ["\(scores) | plot bits_per_spike", "\(scores) | plot x=rate_hz y=bits_per_spike --log x"]
      })
  }

  private func withRate(_ judged: Judged) -> String? {
    let known = judged.part.scores.compactMap { scores -> (rate: Double, bits: Double)? in
      guard let rate = scores.rateHz.value, let bits = scores.bitsPerSpike.value else { return nil }
      return (rate, bits)
    }
    guard let correlation = RankCorrelation(known.map(\.rate), known.map(\.bits)) else { return nil }
    let isSure = correlation.p < 0.05
    return
      "\(judged.label): rank correlation of score and firing rate \(ReportNumber.text(correlation.rho)) (p \(ReportNumber.text(correlation.p)))"
      + (isSure
        ? correlation.rho > 0 ? "; cells that fire more are told better." : "; cells that fire less are told better."
        : "; no sure relation.")
  }

  private func figures(_ judged: Judged) -> [Figure] {
    let table = CellScores.table(judged.part.scores, metrics: judged.metrics)
    return [
      Self.plot(table, judged.label) { $0.y = BitsPerSpike.name },
      Self.plot(table, judged.label) {
        $0.x = FiringRate.name
        $0.y = BitsPerSpike.name
        $0.xIsLogarithmic = true
      },
    ].compactMap(\.self)
  }

  /// A plot of a table's columns under a title of its own.
  static func plot(_ table: Table, _ title: String, _ set: (inout TablePlot) -> Void) -> Figure? {
    var plot = TablePlot()
    set(&plot)
    guard var figure = try? plot.figure(of: table) else { return nil }
    figure.title = "\(title): \(figure.title)"
    return figure
  }
}
