import Analysis
import Base
import Metrics
import Recordings

/// The tables of `transfer`.
enum TransferTable {
  static let constant = "constant rate"
  static let pixels = "linear-nonlinear on pixels"
  static let own = "own readout"
  static let new = "new readout"

  struct Cell {
    var session: String
    var cid: CellID
    /// By model.
    var scores: [String: Double]
    var correlation: Double?
    /// Correlation of the new readout with the trial average, and its ceiling, where trials repeat.
    var repeated: Double?
    var ceiling: Double?
  }

  struct Session {
    var summaries: [TransferScores.Summary]
    var cells: [Cell]
    /// The stimulus whose trials repeat; nil without.
    var repeats: String?
    /// Whether the twin has a head for the session.
    var isKnown: Bool
  }

  struct CurveRow {
    var session: String
    var point: LearningCurve.Point
  }

  static let columns = TableShape<TransferScores.Summary>([
    .string("session", "The session of the recording") { $0.session },
    .string("model", "What predicts the held-out trials") { $0.model },
    .int("cells", "Cells that all models have a score of") { $0.cells },
    .float("bits_per_spike", unit: "bits/spike", "Mean over cells") { $0.bitsPerSpike?.mean },
    .float("bits_per_spike_lower", unit: "bits/spike", "Lower end of the 95 % interval over cells") {
      $0.bitsPerSpike?.lower
    },
    .float("bits_per_spike_upper", unit: "bits/spike", "Upper end of the 95 % interval over cells") {
      $0.bitsPerSpike?.upper
    },
    .float("median", unit: "bits/spike", "Median over cells") { $0.median },
    .float("r", "Correlation of rate and count, mean over cells; null for a constant rate") { $0.correlation },
    .int("better", "Cells that this model predicts better than the new readout does") { $0.better },
    .float(
      "r_average",
      "Correlation of mean rate and mean count over the trials of another stimulus, which repeat; cc_max in the row of the noise ceiling"
    ) { $0.repeated },
    .string("reason", "Why numbers of this row are undefined") { summary in
      if summary.model == TransferScores.ceilingName { return "a ceiling is known for r_average alone" }
      guard let interval = summary.bitsPerSpike else { return "no cell has a score of every model" }
      return interval.reason
    },
  ])

  static let cellColumns = TableShape<Cell>([
    .string("session", "The session of the recording") { $0.session },
    .int("cid", "The cell's id in its recording") { $0.cid },
    .float("constant_rate", unit: "bits/spike", "Score of the training trials' mean rate") { $0.scores[constant] },
    .float("pixels", unit: "bits/spike", "Score of the linear-nonlinear model on pixels") { $0.scores[pixels] },
    .float("own_readout", unit: "bits/spike", "Score of the twin's own readout") { $0.scores[own] },
    .float("new_readout", unit: "bits/spike", "Score of the new readout on the frozen core") { $0.scores[new] },
    .float("r_new_readout", "Correlation of the new readout's rate and the count") { $0.correlation },
    .float(
      "r_average",
      "Correlation of the new readout's mean rate and the mean count over the repeated trials of another stimulus"
    ) { $0.repeated },
    .float("cc_max", "The highest r_average that the noise allows") { $0.ceiling },
  ])

  static let curveColumns = TableShape<CurveRow>([
    .string("session", "The session of the recording") { $0.session },
    .float("minutes", unit: "min", "Valid training data that the readouts were fitted to") { $0.point.minutes },
    .int("trials", "Training trials, mean over draws") { $0.point.trials },
    .int("cells", "Cells with a score in every draw") { $0.point.cells },
    .float("bits_per_spike", unit: "bits/spike", "Score on held-out trials, mean over draws and cells") {
      $0.point.bitsPerSpike?.mean
    },
    .float("bits_per_spike_lower", unit: "bits/spike", "Lower end of the 95 % interval over cells") {
      $0.point.bitsPerSpike?.lower
    },
    .float("bits_per_spike_upper", unit: "bits/spike", "Upper end of the 95 % interval over cells") {
      $0.point.bitsPerSpike?.upper
    },
    .int("above", "Cells that are predicted better than by their mean rate") { $0.point.above },
    .string("reason", "Why numbers of this row are undefined") { row in
      guard let interval = row.point.bitsPerSpike else { return "no cell has a score in every draw" }
      return interval.reason
    },
  ])

  /// What is known about the ceiling.
  static func ceilingNote(_ sessions: [Session]) -> String {
    let names = Set(sessions.compactMap(\.repeats)).sorted()
    return names.isEmpty
      ? "95 % intervals over cells; no noise ceiling, because no stimulus of the recording repeats its trials"
      : "95 % intervals over cells; r_average is of \(names.joined(separator: ", ")), where no readout was fitted"
  }

  /// A row for each model over the sessions, each session with the same weight.
  static func overall(_ sessions: [Session]) -> [TransferScores.Summary] {
    let names = (sessions.first?.summaries.map(\.model) ?? []).filter { name in
      name != TransferScores.ceilingName && sessions.allSatisfy { $0.summaries.contains { $0.model == name } }
    }
    return TransferScores.overall(
      sessions.flatMap(\.cells).map { ($0.session, $0.scores) }, models: names, reference: new)
  }
}
