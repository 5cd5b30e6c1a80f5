import Base
import Foundation
import Language
import Session
import Shell
import Workspace

/// `vcsh --serve`: reads requests as lines of JSON and writes answers and events as lines of JSON. See `docs/serve.md`.
///
/// The thread that calls `run` runs the `execute` requests in order. Another thread reads all requests and answers the others
/// immediately.
public final class Server {
  private let session: Session
  private let queries: CodeQueries
  private let messages: MessageWriter
  private let queue: ExecuteQueue
  private let execution: Execution
  private let running = SharedRequestID()
  private let ending = SharedRequestID()
  private let version: String

  /// - Parameters:
  ///   - workspace: the client's workspace.
  ///   - queries: a second connection to the same workspace.
  ///   - commands: the commands that code may call.
  ///   - cancellation: cancelled by Ctrl-C.
  ///   - write: writes a complete line.
  public init(
    on workspace: Workspace, queries: Workspace, commands: CommandTable, version: String, cancellation: Cancellation,
    write: @escaping @Sendable (String) throws -> Void
  ) {
    let queue = ExecuteQueue(cancellation: cancellation)
    let messages = MessageWriter(write: write, onClose: { _ = queue.end() })
    let running = running
    let send: @Sendable (String, [(String, Value)]) -> Void = { event, fields in
      guard let id = running.id else { return }
      messages.send(Message.event(id, event, fields))
    }
    let progress = ProgressEvents { send("progress", $0) }
    self.version = version
    self.queue = queue
    self.messages = messages
    self.queries = CodeQueries(Session(workspace: queries, commands: commands))
    session = Session(
      workspace: workspace, commands: commands, work: Work(cancellation: cancellation, progress: progress),
      note: { send("note", [("text", .string($0))]) })
    execution = Execution(session: session, messages: messages, queries: self.queries)
  }

  /// Serves until the client ends the connection.
  /// - Throws: the write error, once the client no longer reads.
  public func run(input: Int32, output: Int32) throws {
    messages.send(Message.hello(program: version, workspace: session.workspace.root))
    let dispatcher = RequestDispatcher(
      queries: queries, messages: messages, queue: queue, ending: ending, shell: session.workspace.session)
    let reader = Thread { dispatcher.serve(RequestLines(input: input, output: output)) }
    // The same nesting depth as on the main thread must be possible for the parser.
    reader.stackSize = 8 << 20
    reader.start()
    while let item = queue.next() {
      running.id = item.id
      let answer = execution.run(item)
      running.id = nil
      queue.finish()
      messages.send(answer)
      if session.isFinished { for id in queue.end() { messages.send(Message.dropped(id)) } }
    }
    if let id = ending.id { messages.send(Message.answer(id)) }
    if let error = messages.error { throw error }
  }
}
