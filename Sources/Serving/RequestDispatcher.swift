import Base

/// Handles the client's lines: `execute` requests are queued, all others are answered immediately.
struct RequestDispatcher: Sendable {
  let queries: CodeQueries
  let messages: MessageWriter
  let queue: ExecuteQueue
  /// The id of the shutdown request, which is answered last.
  let ending: SharedRequestID
  /// Identifies the entries of this shell in the history.
  let shell: String

  func serve(_ given: RequestLines) {
    var lines = given
    while ending.id == nil {
      switch lines.next() {
      case .line(let line):
        // Empty lines are ignored.
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
        do {
          try serve(Request(line: line))
        } catch let problem as RequestProblem {
          messages.send(Message.refused(problem))
        } catch {
          messages.send(
            Message.refused(RequestProblem(reason: .malformed, message: "the line can't be decoded: \(error)")))
        }
      case .tooLong:
        messages.send(
          Message.refused(
            RequestProblem(reason: .tooLong, message: "the line is longer than \(RequestLines.limit) bytes")))
      case .endOfInput:
        queue.close()
      case .outputClosed:
        messages.close(ListenerGone())
        return
      }
    }
  }

  private func serve(_ request: Request) throws {
    let id = request.id
    // The answer has no id: otherwise the client would take it for the answer that is still due.
    guard !queue.holds(id) else {
      throw RequestProblem(
        reason: .duplicate,
        message: "the id \(id.value.plainText.shortened) is used by an execute request that has not ended",
        hint: "give each request its own id")
    }
    switch request.method {
    case .execute(let parameters):
      try queue.add(.init(id: id, parameters: parameters))
    case .complete(let code, let cursor):
      messages.send(Message.answer(id, "ok", queries.complete(code, cursor: cursor)))
    case .inspect(let code, let cursor, let display):
      messages.send(Message.answer(id, "ok", queries.inspect(code, cursor: cursor, display: display)))
    case .isComplete(let code):
      messages.send(Message.answer(id, "ok", queries.isComplete(code)))
    case .check(let code):
      messages.send(Message.answer(id, "ok", queries.check(code)))
    case .history(let count, let words, let failed, let isOwn):
      do {
        let fields = try queries.history(count: count, words: words, failed: failed, shell: isOwn ? shell : nil)
        messages.send(Message.answer(id, "ok", fields))
      } catch let failure as Failure {
        messages.send(Message.answer(id, "error", [("error", .record(Message.failure(failure)))]))
      }
    case .interrupt(let target):
      let (running, dropped) = queue.interrupt(target)
      for id in dropped { messages.send(Message.dropped(id)) }
      let hit = (running.map { [$0] } ?? []) + dropped
      messages.send(Message.answer(id, "ok", [("interrupted", .list(hit.map(\.value)))]))
    case .shutdown:
      // These are sent first: once the queue has ended, the other thread may answer the shutdown at any moment.
      for id in queue.interrupt(nil).dropped { messages.send(Message.dropped(id)) }
      ending.id = id
      for id in queue.end() { messages.send(Message.dropped(id)) }
    }
  }
}
