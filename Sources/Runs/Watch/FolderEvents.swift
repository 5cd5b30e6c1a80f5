import Base
import Foundation
import Glibc

/// Waits until something changes in folders: by inotify where the system has it, else by time alone (network file systems
/// tell nothing of what other machines write).
public final class FolderEvents {
  private let descriptor: Int32
  private var watched: Set<String> = []
  /// Whether changes wake it up.
  public private(set) var isNotified: Bool

  /// - Parameter polls: only wait by time.
  public init(polls: Bool) {
    descriptor = polls ? -1 : inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    isNotified = descriptor >= 0
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Adds folders; those that are watched already stay so.
  public func watch(_ folders: some Sequence<String>) {
    guard descriptor >= 0 else { return }
    let events = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE)
    for folder in folders where watched.insert(folder).inserted {
      // The system has a limit: what it refuses is found by time.
      if inotify_add_watch(descriptor, folder, events) < 0 { isNotified = false }
    }
  }

  /// Waits for a change, at most for `seconds`.
  ///
  /// - Returns: whether something has changed.
  /// - Throws: `interrupted` once cancelled.
  public func wait(seconds: Double, cancellation: Cancellation) throws -> Bool {
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    while ContinuousClock.now < end {
      try cancellation.check()
      var slot = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&slot, descriptor >= 0 ? 1 : 0, 100)
      if ready > 0 {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while read(descriptor, &buffer, buffer.count) > 0 {}
        return true
      }
    }
    try cancellation.check()
    return false
  }
}
