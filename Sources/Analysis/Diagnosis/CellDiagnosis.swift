import Base
import Metrics

/// What is kept of one cell's diagnosis: its scores on held-out trials, and all causes, the likeliest first.
package struct CellDiagnosis: Sendable {
  package var cid: CellID
  package var scores: CellScores
  package var causes: [Cause]

  package init(_ diagnosis: Diagnosis) {
    cid = diagnosis.cid
    scores = diagnosis.scores
    causes = diagnosis.causes
  }

  /// A row for each cause of one cell.
  package static let causes = TableShape<Cause>([
    .string("cause", "What could explain the cell's score") { $0.kind.rawValue },
    .bool("found", "Whether the evidence reaches the threshold for reporting the cause") { $0.isFound },
    strength { $0 }, expectedGain { $0 }, evidence { $0 },
    .string("remedy", "What to do about the cause; null where it is not found") { $0.isFound ? $0.kind.remedy : nil },
  ])

  /// A row for each cell with the first cause that is found.
  package static let cells = TableShape<CellDiagnosis>([
    .int("cid", "The cell's id in its recording") { $0.cid },
    .float("rate_hz", unit: "Hz") { $0.scores.rateHz.value },
    .float("bits_per_spike", unit: BitsPerSpike.unit) { $0.scores.bitsPerSpike.value },
    .float("r") { $0.scores.r.value },
    .string("cause", "The likeliest cause of the cell's score; null where none is found") { $0.first?.kind.rawValue },
    strength { $0.first }, expectedGain { $0.first }, evidence { $0.first },
  ])

  /// `a cause is found for 14 of 16 cells, most often few spikes (7)`; nil for no cells.
  package static func finding(_ cells: [CellDiagnosis]) -> String? {
    guard !cells.isEmpty else { return nil }
    let found = cells.compactMap { $0.first?.kind }
    guard !found.isEmpty else { return "no cause is found for any of \(cells.count) cells" }
    let counts = Cause.Kind.allCases.map { kind in (kind: kind, count: found.count { $0 == kind }) }
    // Of equally frequent ones the first.
    let most = counts.reduce(counts[0]) { $1.count > $0.count ? $1 : $0 }
    return
      "a cause is found for \(found.count) of \(cells.count) cells, most often \(most.kind.rawValue) (\(most.count))"
  }

  private var first: Cause? { causes.first { $0.isFound } }

  private static func strength<Row>(_ cause: @escaping @Sendable (Row) -> Cause?) -> TableShape<Row>.Field {
    .float(
      "strength",
      "Evidence relative to the threshold for reporting the cause: 1 or more means reported; null where the data can't decide"
    ) { cause($0)?.strength }
  }

  private static func expectedGain<Row>(_ cause: @escaping @Sendable (Row) -> Cause?) -> TableShape<Row>.Field {
    .float(
      "expected_gain", unit: BitsPerSpike.unit,
      "By how much the remedy would raise the held-out score; null where the cause is not found or has no remedy to try"
    ) { cause($0)?.expectedGain }
  }

  private static func evidence<Row>(_ cause: @escaping @Sendable (Row) -> Cause?) -> TableShape<Row>.Field {
    .string("evidence", "The numbers behind the strength") { cause($0)?.evidence }
  }
}
