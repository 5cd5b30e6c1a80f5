import Synchronization

/// An id shared by two threads: one sets it, the other reads it.
final class SharedRequestID: Sendable {
  private let value = Mutex<RequestID?>(nil)

  var id: RequestID? {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}
