import Base
import Language
import Rendering
import Session
import Shell

/// Runs `execute` requests one after the other and sends their results.
final class Execution {
  private let session: Session
  private let messages: MessageWriter
  private let queries: CodeQueries
  private let files = SourceFiles()
  /// Source texts of definitions: later failures may be located in them.
  private var definitions: [SourceText] = []
  private var ordinal = 0

  init(session: Session, messages: MessageWriter, queries: CodeQueries) {
    self.session = session
    self.messages = messages
    self.queries = queries
  }

  /// Runs the code up to its end or its first failure.
  /// - Returns: the final answer.
  func run(_ item: ExecuteQueue.Item) -> Record {
    ordinal += 1
    let source = SourceText(item.parameters.code, name: "<execute \(ordinal)>")
    let started = ContinuousClock.now
    var entries: [Int64] = []
    var problem: Failure?
    do {
      try run(source, item, &entries)
    } catch {
      problem = (error as? Failure) ?? Failure(.system, "\(error)")
    }
    queries.learn(from: session.interpreter)
    var fields: [(String, Value)] = []
    if let problem {
      let text = ([source] + definitions + files.texts).first { $0.name == problem.span?.source }
      let line = problem.span.flatMap { text?.line($0.line) }
      fields.append(("error", .record(Message.failure(problem, sourceLine: line))))
    }
    let elapsed = (ContinuousClock.now - started).components
    fields += [
      ("entries", .list(entries.map { .int(Int($0)) })),
      ("seconds", .double(Double(elapsed.seconds) + Double(elapsed.attoseconds / 1_000_000_000_000) * 1e-6)),
    ]
    if session.isFinished { fields.append(("exit", .bool(true))) }
    let status = problem.map { $0.kind == .interrupted ? "interrupted" : "error" } ?? "ok"
    return Message.answer(item.id, status, fields)
  }

  private func run(_ source: SourceText, _ item: ExecuteQueue.Item, _ entries: inout [Int64]) throws {
    let program = try Parser.parse(source, signatures: session.interpreter.signatures, files: files)
    if !program.definitions.isEmpty { definitions.append(source) }
    let surroundings = Surroundings(session.interpreter, objects: session.namedObjects)
    let problems = Checker(signatures: session.signatures).check(program, in: surroundings)
    if let problem = problems.first { throw problem }
    for statement in program.statements {
      session.interpreter.onBlockValue = { [unowned self] value, inner in
        send(value, of: inner, entry: session.entry, item)
        try session.endBlock(after: inner)
      }
      let outcome = session.run(statement, origin: "serve")
      if outcome.entry > 0 { entries.append(outcome.entry) }
      queries.learn(from: session.interpreter)
      switch outcome.result {
      case .success(let value): send(value, of: statement, entry: outcome.entry, item)
      case .failure(let failure): throw failure
      }
      if let failure = outcome.failedCheck { throw failure }
      if session.isFinished { return }
    }
  }

  private func send(_ value: Value, of statement: Statement, entry: Int64, _ item: ExecuteQueue.Item) {
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
