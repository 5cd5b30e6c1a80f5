import Base
import Formats
import Language
import Session
import Twin

/// Tells of every tensor what it holds and whether it does anything.
struct ParamsCommand: Command {
  static let signature = Signature("params", in: "twins", "Tells of every tensor what it holds and whether it acts")
    .argument("twin", .object(kinds: ["twin"]), "The twin")
    .argument(
      "pattern", .word("part"), "core, a part (adapter, frontend, convnet, …), or a pattern over names with `*`",
      optional: true, repeating: true
    )
    .returns(
      .table([
        ColumnSignature("name", "string"), ColumnSignature("part", "string"),
        ColumnSignature("head", "int", "Of tensors that one session owns"),
        ColumnSignature("shape", "string"), ColumnSignature("dtype", "string", "As it is stored"),
        ColumnSignature("count", "int"), ColumnSignature("norm", "float", "Euclidean"),
        ColumnSignature("mean", "float"), ColumnSignature("sd", "float", "Over all values, divided by their number"),
        ColumnSignature("zeros", "float", "Fraction of values that are exactly 0"),
        ColumnSignature("not_finite", "int", "NaN and infinite values; the statistics leave them out"),
        ColumnSignature("silent_taps", "float", "Fraction of a kernel's taps that can't act"),
        ColumnSignature("status", "string", "used, fixed (no gradient reaches it), dead (never read), unknown"),
        ColumnSignature("reason", "string"),
      ])
    )
    .searchTerms("parameters", "weights", "tensors", "norm", "sparsity", "dead", "dtype", "nan", "state_dict", "glob")
    .details(
      """
      Reads every named tensor once and computes in float64. A kernel under a window with `silent_taps` 0.4 has 40 % of its \
      taps multiplied by exactly 0.
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
    var infos: [ArrayInfo?] = []
    var statistics: [TensorStatistics] = []
    for use in uses {
      try session.work.cancellation.check()
      infos.append(twin.source.info(use.parameter.name))
      statistics.append(TensorStatistics(try twin.source.doubles(use.parameter.name)))
    }
    session.changes.inputs.append(.init(role: "twin", version: twin.record.id, detail: twin.name))
    return .table(Self.table(uses, infos, statistics))
  }

  private static func table(_ uses: [TensorUse], _ infos: [ArrayInfo?], _ statistics: [TensorStatistics]) -> Table {
    let dead = uses.filter { $0.status == .dead }
    let values = uses.reduce(0) { $0 + $1.parameter.count }
    let deadValues = dead.reduce(0) { $0 + $1.parameter.count }
    return Table(
      [
        Column("name", uses.map(\.parameter.name)),
        Column("part", uses.map(\.parameter.part.rawValue)),
        Column("head", uses.map(\.parameter.head)),
        Column("shape", uses.map { TensorText.shape($0.parameter.shape) }),
        Column("dtype", infos.map { $0?.scalar.rawValue }),
        Column("count", statistics.map { Optional($0.count) }),
        Column("norm", statistics.map(\.norm)),
        Column("mean", statistics.map(\.mean)),
        Column("sd", statistics.map(\.sd)),
        Column("zeros", statistics.map(\.zeros)),
        Column("not_finite", statistics.map { Optional($0.notFinite) }),
        Column("silent_taps", uses.map { $0.silentTaps.map { Double($0.count) / Double($0.of) } }),
        Column("status", uses.map(\.status.rawValue)),
        Column("reason", uses.map(reason)),
      ], note: "\(uses.count) tensors of \(values) values; dead: \(dead.count) tensors of \(deadValues) values")
  }

  private static func reason(_ use: TensorUse) -> String? {
    let taps = use.silentTaps.map { "\($0.count) of \($0.of) taps \($0.why)" }
    let reasons = [use.reason, taps].compactMap(\.self)
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }
}
