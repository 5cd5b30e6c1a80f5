import Base
import Dispatch

/// Few file descriptors (`ulimit -n`): reported in one line before the libraries need some, because without them the libraries end the program.
enum DescriptorCheck {
  /// Standard streams apart: the catalogue and its journal, locks, timers, and a file to read.
  private static let needed = 8

  /// - Throws: `system` where there are too few to start.
  static func run() throws {
    guard SystemRefusal.lacksDescriptors(6 * needed) else { return }
    guard !SystemRefusal.lacksDescriptors(needed) else {
      throw Failure(
        .system, "too few files may be open for vcsh to start: it needs \(needed) beside the standard streams",
        hint: "raise the limit: `ulimit -n 256`")
    }
    // The library of queues takes its own at its first timer: now, while there are some.
    let done = DispatchSemaphore(value: 0)
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.setEventHandler { done.signal() }
    timer.schedule(deadline: .now())
    timer.resume()
    _ = done.wait(timeout: .now() + 2)
    timer.cancel()
  }
}
