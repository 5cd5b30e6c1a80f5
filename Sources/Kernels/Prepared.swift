import Synchronization

/// Values made when first needed, once each, and kept.
final class Prepared<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let known = Mutex<[Key: Value]>([:])

  /// - Parameter make: does not come back to this object; others wait for it, for they mostly want the same value.
  func callAsFunction(_ key: Key, _ make: () -> Value) -> Value {
    known.withLock { known in
      if let value = known[key] { return value }
      let value = make()
      known[key] = value
      return value
    }
  }
}
