import Dispatch
import Synchronization

/// Work on another thread while this one goes on: such as waiting for the disk.
public final class BackgroundWork<Value: Sendable>: Sendable {
  private let group = DispatchGroup()
  private let outcome = Mutex<Result<Value, any Error>?>(nil)

  public init(_ body: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global().async(group: group) { [self] in
      let result = Result { try body() }
      outcome.withLock { $0 = result }
    }
  }

  /// Waits for its end.
  ///
  /// - Throws: what the work threw.
  public func value() throws -> Value {
    group.wait()
    guard let outcome = outcome.withLock({ $0 }) else { throw Failure.interrupted }
    return try outcome.get()
  }
}
