import Base

/// One twin's scores by one metric, cell by cell.
package struct ComparedScores {
  /// What a score belongs to. Twins are joined by this, never by position.
  package struct Key: Hashable, Comparable, Sendable {
    package var session: String
    package var stimulus: String
    package var cid: CellID

    package static func < (a: Key, b: Key) -> Bool {
      (a.session, a.stimulus, a.cid) < (b.session, b.stimulus, b.cid)
    }
  }

  package struct Cell: Sendable {
    package var score: Score
    package var rateHz: Double?
    package var spikes: Double?
    package var validBins: Int
  }

  package let name: String
  package private(set) var splits: Set<String> = []
  package private(set) var cells: [Key: Cell] = [:]

  package init(name: String) { self.name = name }

  /// Adds the scores of a session's cells on a stimulus. They hold spike counts and rates beside the metric.
  package mutating func add(
    _ scores: [CellScores], metric: any Metric.Type, session: String, stimulus: String, split: String
  ) {
    splits.insert(split)
    for scores in scores {
      cells[Key(session: session, stimulus: stimulus, cid: scores.cid)] = Cell(
        score: scores[metric], rateHz: scores.rateHz.value, spikes: scores.spikes.value, validBins: scores.validBins)
    }
  }

  /// - Throws: `mismatch` where both were not scored on the same bins.
  package func check(against baseline: ComparedScores) throws {
    let hint = "--mixed compares them all the same"
    guard splits == baseline.splits else {
      throw Failure(
        .mismatch,
        "`\(name)` is scored on split \(splits.sorted().joined(separator: ", ")), `\(baseline.name)` on \(baseline.splits.sorted().joined(separator: ", "))",
        hint: hint)
    }
    for key in cells.keys.sorted() {
      guard let a = cells[key], let b = baseline.cells[key] else { continue }
      guard a.validBins == b.validBins, a.spikes == b.spikes else {
        throw Failure(
          .mismatch,
          "cell \(key.cid)\(key.session.isEmpty ? "" : " of \(key.session)"): `\(name)` is scored on \(a.validBins) bins with \(Self.text(a.spikes)) spikes, `\(baseline.name)` on \(b.validBins) with \(Self.text(b.spikes))",
          hint: hint)
      }
    }
  }

  private static func text(_ count: Double?) -> String { count.map { Value.double($0).plainText } ?? "no" }
}
