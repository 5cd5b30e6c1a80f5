import Base
import Foundation
import Language
import Workspace

/// Lists past entries.
struct History: Command {
  static let signature = Signature("history", in: "workspace", "Lists past entries of all sessions, newest last")
    .argument("count", .int, "How many", optional: true)
    .returns(
      .table([
        ColumnSignature("entry", "int"), ColumnSignature("started", "string"),
        ColumnSignature("seconds", "float", unit: "s"), ColumnSignature("status", "string"),
        ColumnSignature("command", "string"), ColumnSignature("error", "string"),
      ])
    )
    .searchTerms("log", "past", "entries", "in")

  static let examples = [Example("history 5 | select status command", "The last five entries")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let count = try call.optionalInt("count") ?? 20
    guard count > 0 else {
      throw Failure(.usage, "history takes a positive number of entries", span: call.span(of: "count"))
    }
    let entries = try session.workspace.history(limit: count)
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
    return .table(
      Table([
        Column("entry", entries.map { Int($0.id) }),
        Column("started", entries.map { $0.started.formatted(format) }),
        Column("seconds", entries.map(\.seconds), unit: "s"),
        Column("status", entries.map(\.status.rawValue)),
        Column("command", entries.map(\.source)),
        Column("error", entries.map(\.error)),
      ]))
  }
}
