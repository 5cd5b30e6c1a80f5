import Base
import Metrics
import Recordings

/// Where scored predictions come from.
package struct SubjectOrigin {
  package var label: String
  /// Version of the twin, or of the opened predictions.
  package var version: Int64
  package var session: String
  package var stimulus: String
  package var split: String
  /// Whether the split is known: a file of predictions made elsewhere does not say it, and counts as `all`.
  package var isSplitKnown = true
  /// How the rates were made: `raw`, `without behaviour`, or the calibration that was applied to them.
  package var rates = "raw"
  /// Digest of weights, head and data: what a calibration belongs to, whichever frames it saw.
  package var key: String
  package var twin: LoadedTwin?
  package var head: Int?
  package var source: LoadedStimulus?
}

/// What is scored: predictions with all that says where they come from.
@dynamicMemberLookup
package struct Subject {
  package var origin: SubjectOrigin
  package var predictions: Predictions
  /// Cells that a calibration could not be applied to: they have no rates.
  package var uncalibrated: Set<CellID> = []

  package subscript<Member>(dynamicMember path: WritableKeyPath<SubjectOrigin, Member>) -> Member {
    get { origin[keyPath: path] }
    set { origin[keyPath: path] = newValue }
  }

  /// The trials in words, for notes: `the held-out trials`.
  package var trials: String { (Split(rawValue: origin.split) ?? .all).trials }

  /// Scores of every cell, in the order of the cids.
  package func scores(
    nullMeans: [Double]? = nil, metrics: [any Metric.Type] = CellScores.standard, options: Repeats.Options = .init()
  ) throws -> [CellScores] {
    try evaluate(predictions, nullMeans: nullMeans, metrics: metrics, options: options).map { scores in
      guard uncalibrated.contains(scores.cid) else { return scores }
      var scores = scores
      scores.removePrediction(because: .notCalibrated)
      return scores
    }
  }
}

/// The scores of a subject whose predictions need not be in memory.
package struct ScoredSubject {
  package var origin: SubjectOrigin
  package var frameCount: Int
  package var scores: [CellScores]
  /// What a user should know about repeated trials; nil where there is nothing.
  package var remark: String?
}
