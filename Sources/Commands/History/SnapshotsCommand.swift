import Base
import Foundation
import Language
import Session
import Workspace

/// Lists the states that were kept.
struct SnapshotsCommand: Command {
  static let signature = Signature("snapshots", in: "time", "Lists the snapshots, oldest first")
    .effect(.session(.reports))
    .returns(
      .table([
        ColumnSignature("snapshot", "string"), ColumnSignature("entry", "int"), ColumnSignature("names", "int"),
        ColumnSignature("current", "bool", "Whether the workspace is as it was then"),
        ColumnSignature("taken", "string"), ColumnSignature("note", "string"),
      ])
    )
    .searchTerms("state", "bookmark", "list", "restore")

  static let examples = [
    Example("snapshot start; snapshots | select snapshot names current", "What there is to restore")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let snapshots = try session.workspace.snapshots()
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
    return .table(
      Table([
        Column("snapshot", snapshots.map(\.name)),
        Column("entry", snapshots.map { Int($0.entry) }),
        Column("names", snapshots.map { Optional($0.names) }),
        Column("current", snapshots.map { Optional($0.isCurrent) }),
        Column("taken", snapshots.map { $0.created.formatted(format) }),
        Column("note", snapshots.map(\.note)),
      ]))
  }
}
