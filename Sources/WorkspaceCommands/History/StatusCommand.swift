import Base
import Language
import Session
import Workspace

/// Lists results that are out of date.
struct StatusCommand: Command {
  static let signature = Signature(
    "status", in: "time", "Lists results that are out of date because an input or a file changed"
  )
  .effect(.session(.reports))
  .returns(.table(columns.signatures))
  .searchTerms("stale", "outdated", "changed", "check", "git", "dirty")
  .details(
    """
    A result is stale if a name that it was made from has another content now, if a file that it depends on changed or is \
    missing, or if one of its inputs is stale. Freezing a twin changes no numbers, so it makes nothing stale. status also \
    looks at the files that `save`, `export` and --figure wrote. `refresh` runs the stale entries again. Alarms of `watch` that \
    were on when it last looked are rows of the kind `run`.
    """)

  static let examples = [Example("eval twin on sim/gaborium as scores; status", "Is everything up to date?")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let files = FileCheck(workspace: session.workspace)
    let (stale, checked) = try Staleness(workspace: session.workspace, problem: files.problem).items()
    var rows = try stale.map { item in
      Row(
        name: item.name, kind: item.kind, entry: Int(item.entry), why: item.reasons.joined(separator: "; "),
        command: try session.workspace.entry(item.entry).source)
    }
    let alarms = session.watchAlarms()
    rows += alarms.map { Row(name: $0.run, kind: "run", why: "\($0.kind.rawValue): \($0.text)") }
    let said =
      stale.isEmpty
      ? "nothing is out of date (\(checked) checked)"
      : "\(stale.count) of \(checked) stale; `refresh` runs them again, `refresh --dry-run` shows what would run"
    return .table(
      Self.columns.table(
        rows, note: said + (alarms.isEmpty ? "" : "; \(alarms.count) alarm\(alarms.count == 1 ? "" : "s") of `watch`")))
  }

  struct Row {
    var name: String
    var kind: String
    var entry: Int?
    var why: String
    var command: String?
  }

  static let columns = TableShape<Row>([
    .string("name", "Name of the result, or path of the file") { $0.name },
    .string("kind", "Kind of object") { $0.kind },
    .int("entry", "Entry that made it") { $0.entry },
    .string("why", "Which of its inputs changed; of a run, the alarm") { $0.why },
    .string("command", "Text of the entry") { $0.command },
  ])
}
