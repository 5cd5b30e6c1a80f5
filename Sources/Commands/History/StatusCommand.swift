import Base
import Language
import Session
import Workspace

/// Tells what is stale.
struct StatusCommand: Command {
  static let signature = Signature(
    "status", in: "time", "Tells what is stale because an input was made anew or a file has changed, and why"
  )
  .effect(.session(.reports))
  .returns(
    .table([
      ColumnSignature("name", "string"), ColumnSignature("kind", "string"), ColumnSignature("entry", "int"),
      ColumnSignature("why", "string"), ColumnSignature("command", "string"),
    ])
  )
  .searchTerms("stale", "outdated", "changed", "check", "git", "dirty")
  .details(
    """
    A result is stale when a name that it was made from points to something with another content since, when a file that it \
    stands on has changed or is missing, or when what it was made from is stale. Freezing a twin changes no numbers, so it \
    makes nothing stale. Files that `save`, `export` and --figure wrote are looked at too. `refresh` runs again what is stale.
    """)

  static let examples = [Example("eval twin on sim/gaborium as scores; status", "Is everything up to date?")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let files = FileCheck(workspace: session.workspace)
    let (stale, checked) = try Staleness(workspace: session.workspace, problem: files.problem).items()
    let sources = try stale.map { try session.workspace.entry($0.entry).source }
    return .table(
      Table(
        [
          Column("name", stale.map(\.name)), Column("kind", stale.map(\.kind)),
          Column("entry", stale.map { Int($0.entry) }),
          Column("why", stale.map { $0.reasons.joined(separator: "; ") }),
          Column("command", sources),
        ],
        note: stale.isEmpty
          ? "nothing is stale (\(checked) looked at)"
          : "\(stale.count) of \(checked) stale; `refresh` runs them again, `refresh --dry-run` tells how"))
  }
}
