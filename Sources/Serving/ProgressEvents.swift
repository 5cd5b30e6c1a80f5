import Base
import Synchronization

/// Sends the progress of long work as events: one at the beginning, at most ten a second, one at the end.
final class ProgressEvents: ProgressSink {
  private struct State {
    var title = ""
    var total = 0
    var unit = ""
    var done = 0
    var sent: ContinuousClock.Instant?
  }

  private static let interval = Duration.milliseconds(100)

  private let state = Mutex(State())
  private let send: @Sendable ([(String, Value)]) -> Void

  init(send: @escaping @Sendable ([(String, Value)]) -> Void) { self.send = send }

  func begin(_ title: String, total: Int, unit: String) { begin(title, total: total, unit: unit, done: 0) }

  func begin(_ title: String, total: Int, unit: String, done: Int) {
    state.withLock {
      $0 = State(title: title, total: total, unit: unit, done: done, sent: ContinuousClock.now)
      send(Self.fields($0, "begun"))
    }
  }

  func advance(to done: Int) {
    state.withLock {
      $0.done = done
      guard let sent = $0.sent, ContinuousClock.now - sent >= Self.interval else { return }
      $0.sent = ContinuousClock.now
      send(Self.fields($0, "running"))
    }
  }

  func end() {
    state.withLock {
      if $0.sent != nil { send(Self.fields($0, "ended")) }
      $0 = State()
    }
  }

  private static func fields(_ state: State, _ stage: String) -> [(String, Value)] {
    [
      ("stage", .string(stage)), ("title", .string(state.title)), ("done", .int(state.done)),
      ("total", .int(state.total)), ("unit", .string(state.unit)),
    ]
  }
}
