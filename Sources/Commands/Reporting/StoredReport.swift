import Analysis
import Base
import Fitting
import Language
import Metrics
import Recordings
import Rendering
import Session

/// The report of predictions that were made elsewhere: scores, gains and causes. What needs the twin says so.
struct StoredReport {
  private let subject: Subject
  private let metrics: [any Metric.Type]
  private let scores: [CellScores]
  private let gains: Table
  private let causes: [CellDiagnosis]

  private static let options = Repeats.Options(splits: 1)

  init(_ subject: Subject, in session: Session) throws {
    self.subject = subject
    let work = Work(cancellation: session.work.cancellation)
    let predictions = subject.predictions
    metrics =
      [SpikeCount.self, FiringRate.self, BitsPerSpike.self, PearsonCorrelation.self]
      + (predictions.trialBins == nil ? [] : ReportScores.ofRepeats)
    scores = try subject.scores(metrics: metrics, options: Self.options)
    let calibration = try Calibrator.calibrate(predictions, mode: .affine, work: work)
    gains = GainPart.table([
      GainPart(
        stimulus: subject.label, calibration: calibration, scores: scores,
        errors: try RobustErrors.of(calibration, predictions, work: work))
    ])
    let cells = try DiagnosedCells(
      stored: predictions, label: subject.label, areHeldOut: subject.split == Split.val.rawValue,
      cells: Array(predictions.cids.indices), work: work)
    causes = try cells.cells.indices.map { place in
      try work.cancellation.check()
      return CellDiagnosis(try Diagnosis(cells, place: place, work: work))
    }
  }

  var document: ReportDocument {
    let name = RecipeText.word(subject.label)
    let needsTwin = "`\(subject.label)` holds predictions: this needs the twin that made them, and the stimulus."
    return ReportDocument(
      title: subject.label,
      facts: [
        "predictions", "\(scores.count) cells",
        "\(subject.predictions.frameCount) bins of \(subject.isSplitKnown ? "split \(subject.split)" : "an unknown split")",
        "vcsh \(ThisProgram.version)",
      ],
      chapters: [
        ReportDocument.Chapter(
          "summary", "Summary",
          findings: [summary, "Whether the model was fitted to these trials is not known from predictions alone."],
          commands: ["eval \(name)"]),
        ReportDocument.Chapter(
          "scores", "How scores are spread", parts: [.table("Scores", scoreTable), .figures(figures)],
          commands: ["eval \(name) | plot bits_per_spike"]),
        ReportDocument.Chapter("fields", "Receptive fields", findings: [needsTwin]),
        ReportDocument.Chapter("kernels", "Temporal kernels", findings: [needsTwin]),
        ReportDocument.Chapter(
          "calibration", "Calibration",
          findings: [
            "A gain and an offset for each cell; each half of the bins is scored with the fit from the other half."
          ],
          parts: [.table("Gain and offset", gains)], commands: ["calibrate \(name)"]),
        ReportDocument.Chapter(
          "cells", "What could explain each cell's score",
          findings: ["Causes that need the readout or the stimulus are not judged."],
          parts: [.table("Likeliest cause of each cell", CellDiagnosis.cells.table(causes))],
          commands: ["why \(name)"]),
      ])
  }

  private var summary: String {
    let bits = scores.compactMap(\.bitsPerSpike.value)
    guard let mean = MeanInterval(bits), let median = Quantile.median(bits) else {
      return "No cell has a score: \(scores.compactMap(\.reason).first ?? "there are no cells")."
    }
    let named = causes.count { $0.causes.contains(where: \.isFound) }
    return
      "\(ReportNumber.count(bits.count, of: scores.count)) have a score: \(ReportNumber.text(mean)) bits/spike in the mean, \(ReportNumber.text(median)) in the median. For \(ReportNumber.count(named, of: causes.count)) vcsh finds something that could explain the score."
  }

  /// A metric over the cells.
  private struct Row: Sendable {
    var name: String
    var unit: String?
    var mean: MeanInterval?
    var median: Double?
    var undefined: Int
  }

  private static let scoreShape = TableShape<Row>([
    .string("metric") { $0.name }, .string("unit") { $0.unit }, .int("cells") { $0.mean?.count ?? 0 },
    .int("undefined") { $0.undefined }, .float("mean") { $0.mean?.mean }, .float("lower") { $0.mean?.lower },
    .float("upper") { $0.mean?.upper }, .float("median") { $0.median },
    .string("reason") { $0.mean == nil ? "no cell has this score" : $0.mean?.reason },
  ])

  private var scoreTable: Table {
    Self.scoreShape.table(
      metrics.map { metric in
        let values = scores.compactMap { $0[metric].value }
        return Row(
          name: metric.name, unit: metric.unit, mean: MeanInterval(values), median: Quantile.median(values),
          undefined: scores.count - values.count)
      }, note: "all cells weighted equally; 95 % intervals of the mean")
  }

  private var figures: [Figure] {
    let table = CellScores.shape(metrics).table(scores)
    return [
      ReportMaterial.plot(table, subject.label) { $0.y = BitsPerSpike.name },
      ReportMaterial.plot(table, subject.label) {
        $0.x = FiringRate.name
        $0.y = BitsPerSpike.name
        $0.xIsLogarithmic = true
      },
    ].compactMap(\.self)
  }
}
