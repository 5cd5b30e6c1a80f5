import Base
import Language
import Rendering
import Session
import Shell

/// Sends what comes of one execute's entries to the client, as events.
final class ServedEntries: EntrySink {
  /// Numbers of the entries that ran.
  private(set) var numbers: [Int64] = []
  private let session: Session
  private let messages: MessageWriter
  private let queries: CodeQueries
  private let item: ExecuteQueue.Item
  /// The last state of the running entry: what it leaves where it fails.
  private var lastView = Value.null

  init(of session: Session, messages: MessageWriter, queries: CodeQueries, for item: ExecuteQueue.Item) {
    self.session = session
    self.messages = messages
    self.queries = queries
    self.item = item
  }

  func within(_ value: Value, of statement: Statement, entry number: Int64) {
    lastView = .null
    send(value, of: statement, entry: number)
  }

  func view(_ view: Value) { lastView = view }

  func value(_ value: Value, of entry: FinishedEntry) { finish(entry, with: value) }

  func failedCheck(_ failure: Failure, after value: Value, of entry: FinishedEntry) { finish(entry, with: value) }

  func failure(_ failure: Failure, of entry: FinishedEntry?) {
    if let entry { finish(entry, with: lastView) }
  }

  private func finish(_ entry: FinishedEntry, with value: Value) {
    lastView = .null
    if entry.number > 0 { numbers.append(entry.number) }
    queries.learn(from: session.interpreter)
    send(value, of: entry.statement, entry: entry.number)
  }

  private func send(_ value: Value, of statement: Statement, entry: Int64) {
    guard value != .null else { return }
    let parameters = item.parameters
    var fields: [(String, Value)] = [
      ("entry", .int(Int(entry))), ("line", .int(statement.span.line)), ("command", .string(statement.text)),
    ]
    if isMessage(statement) { fields.append(("message", .bool(true))) }
    if parameters.values { fields.append(("value", TypedValue.of(value, limit: parameters.limit))) }
    if !parameters.display.isEmpty {
      let forms = DisplayForms(
        wanted: parameters.display, limit: parameters.limit, width: parameters.width,
        mode: session.outputMode ?? .table)
      fields.append(("display", .record(forms.render(value))))
    }
    messages.send(Message.event(item.id, "result", fields))
  }

  /// Whether the statement's value is a message to the user, as with `print`, rather than a result.
  private func isMessage(_ statement: Statement) -> Bool {
    guard case .value(let expression) = statement.kind, case .pipeline(let pipeline) = expression.kind,
      let command = pipeline.stages.last
    else { return false }
    return session.signatures[command.name]?.isMessage == true
  }
}
