import Base
import Metrics

/// What an edit did to one score of one cell, against the control on the same batches.
package struct CellDifference: Sendable, Equatable {
  package var arm: String
  package var stimulus: String
  package var wasTrained: Bool
  package var session: String
  package var cid: Int
  /// Counts per bin, from the frames that were trained on; nil where the cell has none.
  package var meanCount: Double?
  package var metric: String
  /// Before the first step.
  package var start: Double?
  /// Means over seeds; nil where a seed has no score in one of the arms.
  package var control: Double?
  package var edited: Double?
  package var difference: Double?
  /// Over seeds; nil with one.
  package var seedSpread: Double?

  /// A row for each arm, stimulus, cell and score.
  package static func rows(_ result: WhatIfResult) -> [CellDifference] {
    result.arms.enumerated().flatMap { place, arm in
      result.stimuli.flatMap { stimulus in
        ArmScores.Kind.allCases.flatMap { rows(arm, place + 1, stimulus, $0) }
      }
    }
  }

  private static func rows(
    _ name: String, _ arm: Int, _ stimulus: WhatIfResult.Stimulus, _ kind: ArmScores.Kind
  ) -> [CellDifference] {
    let starts = stimulus.arms[0].starts(kind)
    let (controls, others) = (stimulus.arms[0].scores(kind), stimulus.arms[arm].scores(kind))
    return stimulus.sessions.indices.map { cell in
      var row = CellDifference(
        arm: name, stimulus: stimulus.name, wasTrained: stimulus.wasTrained, session: stimulus.sessions[cell],
        cid: stimulus.cids[cell], meanCount: stimulus.meanCounts[cell], metric: kind.rawValue, start: starts[cell])
      let theirs = controls.compactMap { $0[cell] }
      let ours = others.compactMap { $0[cell] }
      guard !ours.isEmpty, ours.count == others.count, theirs.count == controls.count else { return row }
      let differences = zip(ours, theirs).map { $0 - $1 }
      row.control = Moments.mean(theirs)
      row.edited = Moments.mean(ours)
      row.difference = Moments.mean(differences)
      if differences.count > 1 { row.seedSpread = Moments.variance(differences, missing: 1).squareRoot() }
      return row
    }
  }

  package static let columns = TableShape<CellDifference>([
    .string("arm", "What was changed") { $0.arm },
    .string("stimulus", "Type of stimulus") { $0.stimulus },
    .string("role", "trained: held-out trials of a stimulus that was trained on; withheld: not trained on") {
      $0.wasTrained ? "trained" : "withheld"
    },
    .string("session", "The cell's session") { $0.session },
    .int("cid", "The cell's id in its recording") { $0.cid },
    .float("mean_count", unit: "counts/bin", "Its mean count in the frames that were trained on") { $0.meanCount },
    .string("metric", "bits_per_spike, r, gain_error (|log2 of the gain that the counts ask for|)") { $0.metric },
    .float("start", "Before the first step, of the twin without the edit") { $0.start },
    .float("control", "The control after its steps, mean over seeds") { $0.control },
    .float("edited", "The edited twin after as many steps on the same batches") { $0.edited },
    .float("difference", "Edited minus control, mean over seeds") { $0.difference },
    .float("seed_sd", "Standard deviation of the difference over seeds; null with one seed") { $0.seedSpread },
  ])
}
