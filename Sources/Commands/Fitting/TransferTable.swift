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
  }

  struct Session {
    var summaries: [TransferScores.Summary]
    var cells: [Cell]
    /// Whether trials show the same frames.
    var repeats: Bool
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
    .string("reason", "Why numbers of this row are undefined") { summary in
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
    sessions.contains(where: \.repeats)
      ? "95 % intervals over cells"
      : "95 % intervals over cells; no noise ceiling, because trials do not repeat"
  }
}
