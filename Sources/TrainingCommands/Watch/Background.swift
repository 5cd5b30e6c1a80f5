import Base
import Foundation
import Synchronization

/// Work on a thread of its own, whose result is looked for from time to time.
final class Background<Result: Sendable>: Sendable {
  private let state = Mutex<Swift.Result<Result, Failure>?>(nil)
  private let cancellation = Cancellation()

  init(_ work: @escaping @Sendable (Cancellation) throws -> Result) {
    let thread = Thread { [self] in
      let result: Swift.Result<Result, Failure>
      do {
        result = .success(try work(cancellation))
      } catch {
        result = .failure(error as? Failure ?? Failure(.system, "\(error)"))
      }
      state.withLock { $0 = result }
    }
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Nil while it works.
  var result: Swift.Result<Result, Failure>? { state.withLock { $0 } }

  /// Asks it to end.
  func stop() { cancellation.cancel() }
}
