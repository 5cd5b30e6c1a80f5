import Base
import Formats
import Language
import Metrics
import Session
import Twin

/// Lists tensors, their statistics, and whether they affect the output.
struct ParamsCommand: Command {
  static let signature = Signature(
    "params", in: "twins", "Lists tensors, their statistics, and whether they affect the output"
  )
  .argument("twin", .object(kinds: ["twin"]), "The twin")
  .argument(
    "pattern", .word("part"), "core, a part (adapter, frontend, convnet, …), or a pattern over names with `*`",
    optional: true, repeating: true
  )
  .returns(.table(columns.signatures))
  .searchTerms("parameters", "weights", "tensors", "norm", "sparsity", "dead", "dtype", "nan", "state_dict", "glob")
  .details(
    """
    vcsh reads every tensor that you name once and computes in float64. `silent_taps` 0.4 means that the kernel's window \
    multiplies 40 % of its taps by exactly 0.
    """)

  static let examples = [
    Example("params twin", "Every tensor of the checkpoint"),
    Example("params twin convnet | where status == 'dead' | select name reason", "What is stored for nothing"),
    Example("params twin 'readouts.*.std' | select name mean sd", "Widths of the readouts of all sessions"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    let patterns = call.strings("pattern")
    for pattern in patterns {
      try FrozenParameters.checkMatches(pattern, in: twin, at: call.span(of: "pattern"))
    }
    let uses = twin.architecture.tensorUses.filter { use in
      patterns.isEmpty || patterns.contains { FrozenParameters.matches($0, use.parameter) }
    }
    var rows: [Row] = []
    for use in uses {
      try session.work.cancellation.check()
      let name = use.parameter.name
      rows.append(
        Row(
          use: use, info: twin.source.info(name), statistics: TensorStatistics(try twin.source.doubles(name))))
    }
    session.changes.inputs.append(.init(role: "twin", version: twin.record.id, detail: twin.name))
    return .table(Self.columns.table(rows, note: Self.note(uses)))
  }

  struct Row {
    var use: TensorUse
    var info: ArrayInfo?
    var statistics: TensorStatistics
  }

  static let columns = TableShape<Row>([
    .string("name", "Name of the tensor") { $0.use.parameter.name },
    .string("part", "Part of the twin") { $0.use.parameter.part.rawValue },
    .int("head", "Head that owns the tensor; null where all sessions share it") { $0.use.parameter.head },
    .string("shape", "Its sizes; `scalar` for a single number") { TensorText.shape($0.use.parameter.shape) },
    .string("dtype", "Type of the stored values") { $0.info?.scalar.rawValue },
    .int("count", "Number of values") { $0.statistics.count },
    .float("norm", "Euclidean norm") { $0.statistics.norm },
    .float("mean", "Mean over all values") { $0.statistics.mean },
    .float("sd", "Standard deviation over all values, divided by their number") { $0.statistics.sd },
    .float("zeros", "Fraction of values that are exactly 0") { $0.statistics.zeros },
    .int("not_finite", "NaN and infinite values; the statistics leave them out") { $0.statistics.notFinite },
    .float("silent_taps", "Fraction of a kernel's taps that can't affect the output") {
      $0.use.silentTaps.map { Double($0.count) / Double($0.of) }
    },
    .string("status", "used, fixed (gets no gradient), dead (never read), unknown") { $0.use.status.rawValue },
    .string("reason", "Why it is fixed, dead or unknown, and why taps are silent") { reason($0.use) },
  ])

  private static func note(_ uses: [TensorUse]) -> String {
    let dead = uses.filter { $0.status == .dead }
    let values = uses.reduce(0) { $0 + $1.parameter.count }
    let deadValues = dead.reduce(0) { $0 + $1.parameter.count }
    return "\(uses.count) tensors of \(values) values; dead: \(dead.count) tensors of \(deadValues) values"
  }

  private static func reason(_ use: TensorUse) -> String? {
    let taps = use.silentTaps.map { "\($0.count) of \($0.of) taps \($0.why)" }
    let reasons = [use.reason, taps].compactMap(\.self)
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }
}
