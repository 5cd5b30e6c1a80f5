import Base
import Foundation

/// The waiting `execute` requests and the running one. The reading thread adds requests, the running thread takes them.
final class ExecuteQueue: @unchecked Sendable {
  struct Item: Sendable {
    var id: RequestID
    var parameters: ExecuteParameters
  }

  static let limit = 1000

  // Everything below is used only with the condition's lock held.
  private let condition = NSCondition()
  private let cancellation: Cancellation
  private var waiting: [Item] = []
  private var running: RequestID?
  private var isClosed = false

  /// - Parameter cancellation: stops the running request.
  init(cancellation: Cancellation) { self.cancellation = cancellation }

  /// - Throws: `RequestProblem` where too many requests wait.
  func add(_ item: Item) throws {
    try condition.withLock {
      guard waiting.count < Self.limit else {
        throw RequestProblem(
          id: item.id, reason: .busy, message: "\(Self.limit) execute requests are already waiting",
          hint: "send it again later")
      }
      guard !isClosed else { return }
      waiting.append(item)
      condition.signal()
    }
  }

  func holds(_ id: RequestID) -> Bool {
    condition.withLock { running == id || waiting.contains { $0.id == id } }
  }

  /// Waits for the next request and marks it as running. Nil when the queue is closed and empty.
  func next() -> Item? {
    condition.withLock {
      while waiting.isEmpty, !isClosed { condition.wait() }
      guard !waiting.isEmpty else { return nil }
      let item = waiting.removeFirst()
      running = item.id
      cancellation.reset()
      return item
    }
  }

  /// Marks the running request as ended. An interrupt that came too late for it must not stop the next one.
  func finish() {
    condition.withLock {
      running = nil
      cancellation.reset()
    }
  }

  /// Stops the request with that id; without an id, the running request and all that wait.
  /// - Returns: the id of the running request, and those of the requests that will not run, in their order.
  func interrupt(_ id: RequestID?) -> (running: RequestID?, dropped: [RequestID]) {
    condition.withLock {
      let hit = running.flatMap { id == nil || id == $0 ? $0 : nil }
      if hit != nil { cancellation.cancel() }
      let dropped = waiting.filter { id == nil || id == $0.id }.map(\.id)
      waiting.removeAll { id == nil || id == $0.id }
      return (hit, dropped)
    }
  }

  /// No further requests are added; those in the queue still run.
  func close() {
    condition.withLock {
      isClosed = true
      condition.signal()
    }
  }

  /// Ends the queue now: stops the running request and drops the others.
  func end() -> [RequestID] {
    let dropped = interrupt(nil).dropped
    close()
    return dropped
  }
}
