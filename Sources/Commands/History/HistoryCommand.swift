import Base
import Foundation
import Language
import Session
import Workspace

/// Lists past entries.
struct HistoryCommand: Command {
  static let signature = Signature("history", in: "workspace", "Lists past entries of all sessions, newest last")
    .effect(.session(.reports))
    .argument("count", .int, "How many; 20 if not said", optional: true)
    .flag("last", .int, "The same as the number alone")
    .flag("failed", "Only entries that failed or were interrupted")
    .flag("search", .string, "Only entries whose text has all of these words")
    .flag("session", "Only entries of this session")
    .returns(
      .table([
        ColumnSignature("entry", "int"), ColumnSignature("started", "string"),
        ColumnSignature("seconds", "float", unit: "s"), ColumnSignature("status", "string"),
        ColumnSignature("command", "string"),
        ColumnSignature("outputs", "string", "Names that it changed and files that it wrote"),
        ColumnSignature("error", "string"),
      ])
    )
    .searchTerms("log", "past", "entries", "in", "failed", "grep")
    .details(
      """
      `in N` brings back an entry's text, `out N` its result, `rerun N` runs it anew; `lineage N` tells what it read and \
      where it came from. Outputs that were undone are not listed.
      """)

  static let examples = [
    Example("history 5 | select status command", "The last five entries"),
    Example("history --search 'open sim' | select command outputs", "What was opened, and as what"),
    Example("history --failed --last 3", "What went wrong lately"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if call.isGiven("count"), call.isGiven("last") {
      throw Failure(.usage, "history takes one number", hint: "leave out --last", span: call.span(of: "last"))
    }
    let count = try call.optionalInt("count") ?? call.optionalInt("last") ?? 20
    guard count > 0 else {
      throw Failure(
        .usage, "history takes a positive number of entries",
        span: call.span(of: call.isGiven("last") ? "last" : "count"))
    }
    let words = (try call.optionalString("search") ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    let entries = try session.workspace.history(
      limit: count, failed: call.isSet("failed"), words: words,
      session: call.isSet("session") ? session.workspace.session : nil)
    let traffic = try session.workspace.traffic(of: entries.map(\.id))
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
    return .table(
      Table([
        Column("entry", entries.map { Int($0.id) }),
        Column("started", entries.map { $0.started.formatted(format) }),
        Column("seconds", entries.map(\.seconds), unit: "s"),
        Column("status", entries.map(\.status.rawValue)),
        Column("command", entries.map(\.source)),
        Column("outputs", entries.map { Self.outputs(traffic[$0.id]) }),
        Column("error", entries.map(\.error)),
      ]))
  }

  private static func outputs(_ traffic: EntryTraffic?) -> String? {
    let words = (traffic?.changed ?? []) + (traffic?.files ?? [])
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }
}
