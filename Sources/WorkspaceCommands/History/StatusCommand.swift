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
    looks at the files that `save`, `export` and --figure wrote. `refresh` runs the stale entries again.
    """)

  static let examples = [Example("eval twin on sim/gaborium as scores; status", "Is everything up to date?")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let files = FileCheck(workspace: session.workspace)
    let (stale, checked) = try Staleness(workspace: session.workspace, problem: files.problem).items()
    let rows = try stale.map { Row(item: $0, command: try session.workspace.entry($0.entry).source) }
    return .table(
      Self.columns.table(
        rows,
        note: stale.isEmpty
          ? "nothing is out of date (\(checked) checked)"
          : "\(stale.count) of \(checked) stale; `refresh` runs them again, `refresh --dry-run` shows what would run"))
  }

  struct Row {
    var item: Staleness.Item
    var command: String
  }

  static let columns = TableShape<Row>([
    .string("name", "Name of the result, or path of the file") { $0.item.name },
    .string("kind", "Kind of object") { $0.item.kind },
    .int("entry", "Entry that made it") { Int($0.item.entry) },
    .string("why", "Which of its inputs changed") { $0.item.reasons.joined(separator: "; ") },
    .string("command", "Text of the entry") { $0.command },
  ])
}
