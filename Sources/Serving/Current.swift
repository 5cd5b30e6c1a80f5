import Synchronization

/// An id that one thread sets and another reads.
final class Current: Sendable {
  private let value = Mutex<RequestID?>(nil)

  var id: RequestID? {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}
