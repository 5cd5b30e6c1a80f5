import Base
import Foundation

/// The executes that wait, and the one that runs. Filled by the thread that reads, emptied by the one that runs.
final class ExecuteQueue: @unchecked Sendable {
  struct Item: Sendable {
    var id: RequestID
    var parameters: ExecuteParameters
  }

  static let limit = 1000

  // Everything below is touched with the condition's lock alone.
  private let condition = NSCondition()
  private let cancellation: Cancellation
  private var waiting: [Item] = []
  private var running: RequestID?
  private var isClosed = false

  /// - Parameter cancellation: what stops the running execute.
  init(cancellation: Cancellation) { self.cancellation = cancellation }

  /// - Throws: `RequestProblem` where too many wait.
  func add(_ item: Item) throws {
    try condition.withLock {
      guard waiting.count < Self.limit else {
        throw RequestProblem(
          id: item.id, reason: .busy, message: "\(Self.limit) executes wait already", hint: "send it again later")
      }
      guard !isClosed else { return }
      waiting.append(item)
      condition.signal()
    }
  }

  func holds(_ id: RequestID) -> Bool {
    condition.withLock { running == id || waiting.contains { $0.id == id } }
  }

  /// The next execute, which then counts as running; waits for one. Nil once there will be none.
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

  /// The running execute has ended; what came too late for it must not stop the next one.
  func finish() {
    condition.withLock {
      running = nil
      cancellation.reset()
    }
  }

  /// Stops the execute of that id, or the running one and all that wait.
  /// - Returns: the one that runs and those that will not, in their order.
  func interrupt(_ id: RequestID?) -> (running: RequestID?, dropped: [RequestID]) {
    condition.withLock {
      let hit = running.flatMap { id == nil || id == $0 ? $0 : nil }
      if hit != nil { cancellation.cancel() }
      let dropped = waiting.filter { id == nil || id == $0.id }.map(\.id)
      waiting.removeAll { id == nil || id == $0.id }
      return (hit, dropped)
    }
  }

  /// Nothing more will come; what is there still runs.
  func close() {
    condition.withLock {
      isClosed = true
      condition.signal()
    }
  }

  /// Ends now: the running one is stopped, the rest dropped.
  func end() -> [RequestID] {
    let dropped = interrupt(nil).dropped
    close()
    return dropped
  }
}
