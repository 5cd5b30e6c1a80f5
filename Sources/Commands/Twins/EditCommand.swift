import Analysis
import Base
import Language
import Session
import Twin
import Workspace

/// A twin with other options in its configuration.
struct EditCommand: Command {
  static let signature = Signature(
    "edit", in: "twins", "Changes options of a twin's configuration: a new version with the same tensors"
  )
  .effect(.changes)
  .argument("twin", .object(kinds: ["twin"]), "The twin")
  .argument("name", .newName, "Name of the edited twin", keyword: "as")
  .argument(
    "set", .string, "Options with their new values; null takes an option away", keyword: "set", repeating: true
  )
  .names("name", kinds: ["twin"], always: true)
  .replace()
  .returns(.table(columns.signatures))
  .searchTerms(
    "configuration", "option", "mask", "tap_mask", "lag_mask", "zero_sum", "latency", "early", "ablate", "change"
  )
  .details(
    """
    The edited twin predicts, evaluates, trains and exports like any other. Its tensors are those of the twin; an option \
    that needs other tensors is refused. `tree TWIN` shows the layers and `diff` the options in which two twins differ.

    Three options of a frontend with learned temporal filters are vcsh's own. `frontend.params.tap_mask=N` holds the first N \
    taps of every kernel at 0. `frontend.params.lag_mask=N` shows the twin grey in place of the newest N frames; it works \
    with every frontend. A tap is not a lag: output step t of the frontend reads lags from t on, so only a lag mask \
    guarantees a latency of N frames. `frontend.params.zero_sum=mean` makes the taps of every kernel sum to 0 by taking the \
    same number off each of them; `zero_sum=window` takes off a multiple of the window. All three hold in training too.
    """)

  static let examples = [
    Example(
      "edit twin as late --set frontend.params.lag_mask=2 --replace; eval late on sim/gaborium | summarize mean(bits_per_spike)",
      "What the two newest frames are worth"),
    Example(
      "edit twin as masked --set frontend.params.tap_mask=1 --replace",
      "Under a Hann window the first tap is 0 already"),
  ]

  static let columns = TableShape<ConfigurationComparison.Row>([
    .string("option", "Where it stands in the configuration") { $0.path },
    .string("before", "Its value in the twin; null where it was not written") { $0.a },
    .string("after", "Its value in the edited twin; null where it was taken away") { $0.b },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    try session.checkName(of: call)
    var payload = twin.payload
    let edits = call.strings("set")
    let edited: TwinArchitecture
    do {
      edited = try twin.architecture(editing: edits)
    } catch var failure as Failure {
      if failure.kind == .missing || failure.kind == .mismatch {
        failure.hint = failure.hint ?? "an edit keeps the twin's tensors: options that need others can't be changed"
      }
      throw failure.located(at: call.span(of: "set"))
    }
    let changes = ConfigurationComparison(twin.architecture, edited)
    guard !changes.rows.isEmpty else {
      throw Failure(
        .usage, "`\(twin.name)` has \(edits.count == 1 ? "this value" : "these values") already",
        hint: "`tree \(twin.name)` shows its layers", span: call.span(of: "set"))
    }
    payload.edits = (payload.edits ?? []) + edits
    payload.note = [payload.note, "edited: \(edits.joined(separator: ", "))"].compactMap(\.self).joined(separator: "; ")
    // What it computes is no longer what the training left.
    payload.training = nil
    session.changes.versions.append(
      .init(payload, name: try call.string("name"), parent: twin.record.id, replacing: call.replacing))
    session.changes.inputs.append(.init(role: "twin", version: twin.record.id, detail: twin.name))
    return .table(Self.columns.table(changes.rows, note: try Self.effect(of: changes, on: twin, edited)))
  }

  /// Says where an edit of the kernels changes none of them.
  private static func effect(
    of changes: ConfigurationComparison, on twin: LoadedTwin, _ edited: TwinArchitecture
  ) throws -> String? {
    let ofKernels = ["frontend.params.tap_mask", "frontend.params.zero_sum"]
    guard changes.rows.allSatisfy({ ofKernels.contains($0.path) }) else { return nil }
    let before = try TwinNetwork(architecture: twin.architecture, source: twin.source, heads: []).effectiveKernels
    let after = try TwinNetwork(architecture: edited, source: twin.source, heads: []).effectiveKernels
    guard let before, let after else { return nil }
    let changed = zip(before.kernelRows, after.kernelRows).count { $0 != $1 }
    return changed == 0
      ? "no kernel changes: the masked taps are 0 already (`temporal \(twin.name) --by lag`), so every output stays"
      : "\(changed) of \(before.kernelRows.count) kernels change"
  }
}
