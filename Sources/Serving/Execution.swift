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
  private let sources = EntrySources()
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
    let started = ContinuousClock.now
    let served = ServedEntries(of: session, messages: messages, queries: queries, for: item)
    let problem: Failure?
    do {
      problem = try EntryRunner(in: session, sink: served, origin: { _ in "serve" })
        .run(item.parameters.code, name: "<execute \(ordinal)>", sources: sources)
    } catch {
      problem = (error as? Failure) ?? Failure(.system, "\(error)")
    }
    queries.learn(from: session.interpreter)
    var fields: [(String, Value)] = []
    if let problem {
      let text = sources.all.first { $0.name == problem.span?.source }
      let line = problem.span.flatMap { text?.line($0.line) }
      fields.append(("error", .record(Message.failure(problem, sourceLine: line))))
    }
    let elapsed = (ContinuousClock.now - started).components
    fields += [
      ("entries", .list(served.numbers.map { .int(Int($0)) })),
      ("seconds", .double(Double(elapsed.seconds) + Double(elapsed.attoseconds / 1_000_000_000_000) * 1e-6)),
    ]
    if session.isFinished { fields.append(("exit", .bool(true))) }
    let status = problem.map { $0.kind == .interrupted ? "interrupted" : "error" } ?? "ok"
    return Message.answer(item.id, status, fields)
  }
}
