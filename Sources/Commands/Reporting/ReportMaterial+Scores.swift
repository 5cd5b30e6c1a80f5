import Analysis
import Base
import Metrics
import Rendering
import Session

extension ReportMaterial {
  /// How scores are distributed over cells, and whether they depend on the firing rate.
  var scoreChapter: ReportDocument.Chapter {
    ReportDocument.Chapter(
      "scores", "How scores are spread", findings: judged.compactMap(withRate),
      parts: [.figures(judged.flatMap(figures))],
      commands: judged.flatMap { judged in
        let scores = commands.on(judged.part, "eval")
        return ["\(scores) | plot bits_per_spike", "\(scores) | plot x=rate_hz y=bits_per_spike --log x"]
      })
  }

  private func withRate(_ judged: JudgedStimulus) -> String? {
    guard let correlation = judged.rateCorrelation else { return nil }
    let isSure = correlation.p < 0.05
    return
      "\(judged.label): rank correlation of score and firing rate \(ReportNumber.text(correlation.rho)) (p \(ReportNumber.text(correlation.p)))"
      + (isSure
        ? correlation.rho > 0
          ? "; cells with higher rates are predicted better." : "; cells with lower rates are predicted better."
        : "; no significant relation.")
  }

  private func figures(_ judged: JudgedStimulus) -> [Figure] {
    let table = CellScores.shape(judged.metrics).table(judged.part.scores)
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
