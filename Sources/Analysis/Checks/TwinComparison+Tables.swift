import Base
import Layers
import Twin

/// Differences of weights as tables.
extension TwinComparison {
  /// A row for each tensor.
  package static let tensorColumns = TableShape<Row>([
    .string("name", "Name of the tensor in the first twin, or in the second if only that has it") {
      $0.nameA ?? $0.nameB
    },
    .string("name_b", "Its name in the second twin, where that is another") {
      $0.nameA == $0.nameB || $0.nameA == nil ? nil : $0.nameB
    },
    .string("part", "Part of the twin") { $0.part.rawValue },
    .string("session", "Session of the head that owns it") { $0.head },
    .string("shape", "Both shapes where they differ") {
      pair($0.shapeA.map(TensorText.shape), $0.shapeB.map(TensorText.shape))
    },
    .string("dtype", "Both types where they differ") { pair($0.types.first?.rawValue, $0.types.last?.rawValue) },
    .string("status", "identical, changed, reshaped, only in a, only in b") { $0.status.rawValue },
    .int("changed", "Values that differ") { $0.difference?.changed },
    .float("max_abs", "Largest |b - a|") { $0.difference?.largest },
    .float("relative_l2", "|b - a| / |a|") { $0.difference?.relative },
    .float("cosine", "Cosine of the angle between both") { $0.difference?.cosine },
    .string("reason", "Why numbers are missing") { reason($0.difference, [$0.status]) },
  ])

  package var tensors: Table { Self.tensorColumns.table(rows, note: summary) }

  /// The tensors of a part, or of one session's part.
  package struct Group: Sendable {
    var part: Part
    var head: String?
    var rows: [Row] = []

    /// All tensors that both twins have, as one.
    var difference: TensorDifference? {
      let known = rows.compactMap(\.difference)
      return known.isEmpty ? nil : known.reduce(into: TensorDifference()) { $0.add($1) }
    }

    func count(_ status: Status) -> Int { rows.count { $0.status == status } }
  }

  /// A row for each part and session.
  package static let partColumns = TableShape<Group>([
    .string("part", "Part of the twin") { $0.part.rawValue },
    .string("session", "Session of the head that owns the tensors") { $0.head },
    .int("values", "Values of all its tensors") { $0.rows.reduce(0) { $0 + $1.count } },
    .int("identical", "Tensors that are equal in both twins") { $0.count(.identical) },
    .int("changed", "Tensors whose values differ") { $0.count(.changed) },
    .int("reshaped", "Tensors whose shapes differ") { $0.count(.reshaped) },
    .int("only_a", "Tensors that only the first twin has") { $0.count(.onlyInA) },
    .int("only_b", "Tensors that only the second twin has") { $0.count(.onlyInB) },
    .float("max_abs", "Largest |b - a|") { $0.difference?.largest },
    .float("relative_l2", "|b - a| / |a|, over the tensors that both have in one shape") { $0.difference?.relative },
    .float("cosine", "Cosine of the angle between both, over these tensors") { $0.difference?.cosine },
    .string("reason", "Why numbers are missing") { reason($0.difference, $0.rows.map(\.status)) },
  ])

  package var parts: Table {
    var groups: [Group] = []
    for part in Part.allCases {
      for row in rows where row.part == part {
        if let index = groups.firstIndex(where: { $0.part == part && $0.head == row.head }) {
          groups[index].rows.append(row)
        } else {
          groups.append(Group(part: part, head: row.head, rows: [row]))
        }
      }
    }
    return Self.partColumns.table(groups, note: summary)
  }

  private static func reason(_ difference: TensorDifference?, _ statuses: [Status]) -> String? {
    if let difference { return difference.reason }
    return statuses.contains(.reshaped) ? "different shapes" : "in one of them only"
  }

  private var summary: String {
    let counts = Status.allCases.map { status in (status, rows.count { $0.status == status }) }
    let text = "tensors: " + counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
    return [text, note].compactMap(\.self).joined(separator: "; ")
  }

  /// One text where both agree.
  private static func pair(_ a: String?, _ b: String?) -> String? {
    guard let a, let b, a != b else { return a ?? b }
    return "\(a) / \(b)"
  }
}
