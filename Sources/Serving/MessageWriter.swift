import Base
import Rendering
import Synchronization

/// The client no longer reads. This was found out without writing.
public struct ListenerGone: Error {}

/// Writes the protocol's lines, each completely, from any thread.
final class MessageWriter: Sendable {
  private let write: @Sendable (String) throws -> Void
  /// The first write error; nothing is written after it.
  private let broken = Mutex<(any Error)?>(nil)
  /// Called once, when the client no longer reads.
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

  /// Ends writing because the client no longer reads; this was found out without writing.
  func close(_ error: any Error) {
    let isNew = broken.withLock { broken in
      if broken != nil { return false }
      broken = error
      return true
    }
    if isNew { onClose() }
  }
}
