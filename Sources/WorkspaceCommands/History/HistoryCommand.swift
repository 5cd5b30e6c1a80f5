import Base
import Foundation
import Language
import Session
import Workspace

/// Lists past entries.
struct HistoryCommand: Command {
  static let signature = Signature("history", in: "workspace", "Lists past entries of all sessions, newest last")
    .effect(.session(.reports))
    .argument("count", .int, "How many; default 20", optional: true)
    .flag("last", .int, "The same as the number alone")
    .flag("failed", "Only entries that failed or were interrupted")
    .flag("search", .string, "Only entries whose text has all of these words")
    .flag("session", "Only entries of this session")
    .returns(.table(columns.signatures))
    .searchTerms("log", "past", "entries", "in", "failed", "grep")
    .details(
      """
      `in N` returns an entry's text, `out N` its result. `rerun N` runs it again. `lineage N` shows what it read and where \
      that came from. Outputs that were undone are not listed.
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
    return .table(Self.columns.table(entries.map { Row(entry: $0, outputs: Self.outputs(traffic[$0.id])) }))
  }

  struct Row {
    var entry: EntryRecord
    var outputs: String?
  }

  static let columns = TableShape<Row>([
    .int("entry", "Its number") { Int($0.entry.id) },
    .string("started", "When it began, UTC") {
      $0.entry.started.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: false))
    },
    .float("seconds", unit: "s", "How long it ran") { $0.entry.seconds },
    .string("status", "ok, failed, interrupted or running") { $0.entry.status.rawValue },
    .string("command", "Its text") { $0.entry.source },
    .string("outputs", "Names that it changed and files that it wrote") { $0.outputs },
    .string("error", "Why it failed") { $0.entry.error },
  ])

  private static func outputs(_ traffic: EntryTraffic?) -> String? {
    let words = (traffic?.changed ?? []) + (traffic?.files ?? [])
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }
}
