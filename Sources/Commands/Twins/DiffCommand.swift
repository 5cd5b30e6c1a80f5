import Analysis
import Base
import Language
import Session

/// Shows in which options and weights two twins differ.
struct DiffCommand: Command {
  static let signature = Signature("diff", in: "twins", "Shows in which options and weights two twins differ")
    .argument("a", .object(kinds: ["twin"]), "A twin")
    .argument("b", .object(kinds: ["twin"]), "Another one")
    .flag("parts", "Return the weights as a table, a row for each part and session")
    .flag("tensors", "Return the weights as a table, a row for each tensor")
    .flag("configuration", "Return the options that differ as a table")
    .returns(.any)
    .returns(TwinComparison.partColumns.signatures, when: .given("parts"))
    .returns(TwinComparison.tensorColumns.signatures, when: .given("tensors"))
    .returns(ConfigurationComparison.columns.signatures, when: .given("configuration"))
    .searchTerms("compare", "difference", "changed", "weights", "configuration", "checkpoint", "refit")
    .details(
      """
      Tensors are joined by name. Tensors of a head are joined by its session, whatever the head's number in either twin. \
      `relative_l2` is |b - a| / |a|. `cosine` is the cosine of the angle between both. Without a flag the result is a report; \
      with one of the flags it is a table.
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
        .usage, "--\(forms[0]) and --\(forms[1]) can't be combined", hint: "choose one of them",
        span: call.span(of: forms[1]))
    }
    let a = try session.loadTwin(call.string("a"), at: call.span(of: "a"))
    let b = try session.loadTwin(call.string("b"), at: call.span(of: "b"))
    for (role, twin) in [("a", a), ("b", b)] {
      session.changes.inputs.append(.init(role: role, version: twin.record.id, detail: twin.name))
    }
    let configuration = ConfigurationComparison(a.architecture, b.architecture).table
    if forms == ["configuration"] { return .table(configuration) }
    let weights = try TwinComparison(Self.side(a), Self.side(b), work: session.work)
    switch forms.first {
    case "tensors": return .table(weights.tensors)
    case "parts": return .table(weights.parts)
    default:
      return .report(
        Report(
          "\(a.name) (a) against \(b.name) (b)",
          [.init("configuration", .table(configuration)), .init("weights", .table(weights.parts))]))
    }
  }

  private static func side(_ twin: LoadedTwin) -> TwinComparison.Side {
    TwinComparison.Side(twin.name, twin.architecture, source: twin.source)
  }
}
