import Base
import Formats
import Language
import Session
import Twin

/// Shows in which options and weights two twins differ.
struct DiffCommand: Command {
  static let signature = Signature("diff", in: "twins", "Shows in which options and weights two twins differ")
    .argument("a", .object(kinds: ["twin"]), "A twin")
    .argument("b", .object(kinds: ["twin"]), "Another one")
    .flag("parts", "The weights as a table, a row for each part and session")
    .flag("tensors", "The weights as a table, a row for each tensor")
    .flag("configuration", "The options that differ as a table")
    .returns(.any)
    .searchTerms("compare", "difference", "changed", "weights", "configuration", "checkpoint", "refit")
    .details(
      """
      Tensors are joined by name, those of a head by its session: the same session's readouts meet wherever they stand. \
      `relative_l2` is |b - a| / |a| and `cosine` that of the angle between them, over the tensors that both have in one shape. \
      Without a flag a report for reading; with one of the flags a table for pipes.
      """)

  static let examples = [
    Example(
      "open checkpoints/twin.ckpt as early --replace; diff early twin", "Configuration, and weights by part and session"
    ),
    Example(
      "open checkpoints/twin.ckpt as early --replace; diff early twin --tensors | where max_abs > 0",
      "The tensors that changed"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let forms = ["parts", "tensors", "configuration"].filter { call.isSet($0) }
    guard forms.count <= 1 else {
      throw Failure(
        .usage, "--\(forms[0]) and --\(forms[1]) exclude each other", hint: "choose one table",
        span: call.span(of: forms[1]))
    }
    let a = try session.loadTwin(call.string("a"), at: call.span(of: "a"))
    let b = try session.loadTwin(call.string("b"), at: call.span(of: "b"))
    for (role, twin) in [("a", a), ("b", b)] {
      session.changes.inputs.append(.init(role: role, version: twin.record.id, detail: twin.name))
    }
    let configuration = ConfigurationComparison(a, b).table
    if forms == ["configuration"] { return .table(configuration) }
    let weights = try TwinComparison(a, b, work: session.work)
    switch forms.first {
    case "tensors": return .table(Self.tensors(weights))
    case "parts": return .table(Self.parts(weights))
    default:
      return .report(
        Report(
          "\(a.name) (a) against \(b.name) (b)",
          [.init("configuration", .table(configuration)), .init("weights", .table(Self.parts(weights)))]))
    }
  }

  private static func tensors(_ comparison: TwinComparison) -> Table {
    let rows = comparison.rows
    return Table(
      [
        Column("name", rows.map { $0.nameA ?? $0.nameB }),
        Column("name_b", rows.map { $0.nameA == $0.nameB || $0.nameA == nil ? nil : $0.nameB }),
        Column("part", rows.map(\.part.rawValue)), Column("session", rows.map(\.head)),
        Column("shape", rows.map { pair($0.shapeA.map(TensorText.shape), $0.shapeB.map(TensorText.shape)) }),
        Column("dtype", rows.map { pair($0.types.first?.rawValue, $0.types.last?.rawValue) }),
        Column("status", rows.map(\.status.rawValue)),
        Column("changed", rows.map { $0.difference?.changed }),
        Column("max_abs", rows.map { $0.difference.flatMap(\.largest) }),
        Column("relative_l2", rows.map { $0.difference.flatMap(\.relative) }),
        Column("cosine", rows.map { $0.difference.flatMap(\.cosine) }),
        Column("reason", rows.map { row in reason(row.difference, [row.status]) }),
      ], note: [summary(rows), comparison.note].compactMap(\.self).joined(separator: "; "))
  }

  private static func parts(_ comparison: TwinComparison) -> Table {
    struct Group {
      var part: Part
      var head: String?
      var rows: [TwinComparison.Row] = []

      /// All its tensors that both twins have, as one.
      var difference: TensorDifference? {
        let known = rows.compactMap(\.difference)
        return known.isEmpty ? nil : known.reduce(into: TensorDifference()) { $0.add($1) }
      }

      func count(_ status: TwinComparison.Status) -> Int? { rows.count { $0.status == status } }
    }
    var groups: [Group] = []
    for part in Part.allCases {
      for row in comparison.rows where row.part == part {
        if let index = groups.firstIndex(where: { $0.part == part && $0.head == row.head }) {
          groups[index].rows.append(row)
        } else {
          groups.append(Group(part: part, head: row.head, rows: [row]))
        }
      }
    }
    return Table(
      [
        Column("part", groups.map(\.part.rawValue)), Column("session", groups.map(\.head)),
        Column("values", groups.map { Optional($0.rows.reduce(0) { $0 + $1.count }) }),
        Column("identical", groups.map { $0.count(.identical) }), Column("changed", groups.map { $0.count(.changed) }),
        Column("reshaped", groups.map { $0.count(.reshaped) }), Column("only_a", groups.map { $0.count(.onlyInA) }),
        Column("only_b", groups.map { $0.count(.onlyInB) }),
        Column("max_abs", groups.map { $0.difference.flatMap(\.largest) }),
        Column("relative_l2", groups.map { $0.difference.flatMap(\.relative) }),
        Column("cosine", groups.map { $0.difference.flatMap(\.cosine) }),
        Column("reason", groups.map { reason($0.difference, $0.rows.map(\.status)) }),
      ], note: [summary(comparison.rows), comparison.note].compactMap(\.self).joined(separator: "; "))
  }

  /// Why numbers are missing.
  private static func reason(_ difference: TensorDifference?, _ statuses: [TwinComparison.Status]) -> String? {
    if let difference { return difference.reason }
    return statuses.contains(.reshaped) ? "different shapes" : "in one of them only"
  }

  private static func summary(_ rows: [TwinComparison.Row]) -> String {
    let counts = TwinComparison.Status.allCases.map { status in (status, rows.count { $0.status == status }) }
    return "tensors: "
      + counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
  }

  /// One word where both agree.
  private static func pair(_ a: String?, _ b: String?) -> String? {
    guard let a, let b, a != b else { return a ?? b }
    return "\(a) / \(b)"
  }
}
