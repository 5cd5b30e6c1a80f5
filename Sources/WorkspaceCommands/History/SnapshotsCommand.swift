import Base
import Foundation
import Language
import Session
import Workspace

/// Lists the snapshots.
struct SnapshotsCommand: Command {
  static let signature = Signature("snapshots", in: "time", "Lists the snapshots, oldest first")
    .effect(.session(.reports))
    .returns(.table(columns.signatures))
    .searchTerms("state", "bookmark", "list", "restore")

  static let examples = [
    Example("snapshot start; snapshots | select snapshot names current", "Which snapshots you can restore")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    .table(Self.columns.table(try session.workspace.snapshots()))
  }

  static let columns = TableShape<SnapshotRecord>([
    .string("snapshot", "Its name") { $0.name },
    .int("entry", "Entry that took it") { Int($0.entry) },
    .int("names", "Names of objects in it") { $0.names },
    .bool("current", "Whether the workspace is as it was then") { $0.isCurrent },
    .string("taken", "When, UTC") {
      $0.created.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: false))
    },
    .string("note", "What it is for") { $0.note },
  ])
}
