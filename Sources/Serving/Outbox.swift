import Base
import Rendering
import Synchronization

/// The client no longer reads, though nothing was written that could have told.
public struct ListenerGone: Error {}

/// Where the protocol's lines go: each whole and by itself, from whatever thread.
final class Outbox: Sendable {
  private let write: @Sendable (String) throws -> Void
  /// What went wrong in writing: nothing is written after that.
  private let broken = Mutex<(any Error)?>(nil)
  /// Called once, when nobody reads any more.
  private let onClose: @Sendable () -> Void

  init(write: @escaping @Sendable (String) throws -> Void, onClose: @escaping @Sendable () -> Void) {
    self.write = write
    self.onClose = onClose
  }

  var error: (any Error)? { broken.withLock { $0 } }

  func send(_ message: Record) {
    let line = JSONText.encode(.record(message)) + "\n"
    let hasBroken = broken.withLock { broken in
      if broken != nil { return false }
      do {
        try write(line)
        return false
      } catch {
        broken = error
        return true
      }
    }
    if hasBroken { onClose() }
  }

  /// The reader has gone, though nothing was written that could have told.
  func close(_ error: any Error) {
    let isNew = broken.withLock { broken in
      if broken != nil { return false }
      broken = error
      return true
    }
    if isNew { onClose() }
  }
}
