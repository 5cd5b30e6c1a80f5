import Base
import Foundation
import Rendering
import Synchronization

/// Shows the progress of long work on one line of standard error. It is redrawn at most ten times a second and removed at the
/// end.
///
/// Work that takes less than a fifth of a second draws nothing.
public final class ProgressBar: ProgressSink {
  /// A bar, or nil where standard error is not a terminal that can redraw a line.
  public static func forTerminal() -> ProgressBar? {
    guard TerminalInfo.errorIsTerminal, TerminalInfo.canMoveCursor() else { return nil }
    return ProgressBar(
      unicode: TerminalInfo.allowsUnicode(), width: { TerminalInfo.size.columns },
      write: { StandardStreams.writeError($0) }, seconds: { ProcessInfo.processInfo.systemUptime })
  }

  private struct State {
    var title = ""
    var total = 0
    var unit = ""
    var started = 0.0
    /// Steps done at earlier times, oldest first, from which the rate is computed.
    var moments: [(seconds: Double, done: Int)] = []
    var drawn: Double?
    var isActive = false
  }

  private static let patience = 0.2
  private static let interval = 0.1
  /// Seconds over which the rate is computed.
  private static let window = 10.0

  private let state = Mutex(State())
  private let unicode: Bool
  private let width: @Sendable () -> Int
  private let write: @Sendable (String) -> Void
  private let seconds: @Sendable () -> Double

  package init(
    unicode: Bool, width: @escaping @Sendable () -> Int, write: @escaping @Sendable (String) -> Void,
    seconds: @escaping @Sendable () -> Double
  ) {
    self.unicode = unicode
    self.width = width
    self.write = write
    self.seconds = seconds
  }

  public func begin(_ title: String, total: Int, unit: String) { begin(title, total: total, unit: unit, done: 0) }

  public func begin(_ title: String, total: Int, unit: String, done: Int) {
    let now = seconds()
    state.withLock {
      if $0.drawn != nil { write(Escape.clearLine) }
      $0 = State(
        title: title, total: total, unit: unit, started: now, moments: [(seconds: now, done: done)], isActive: true)
    }
  }

  public func advance(to done: Int) {
    let now = seconds()
    state.withLock { state in
      guard state.isActive, now - state.started >= Self.patience,
        state.drawn.map({ now - $0 >= Self.interval }) ?? true
      else { return }
      state.drawn = now
      state.moments.append((seconds: now, done: done))
      // The last time before the window is kept: slow steps need a time to start from.
      while state.moments.count > 2, state.moments[1].seconds <= now - Self.window { state.moments.removeFirst() }
      let first = state.moments[0]
      let rate = now > first.seconds ? Double(done - first.done) / (now - first.seconds) : nil
      let line = ProgressLine(title: state.title, done: done, total: state.total, unit: state.unit, rate: rate)
      // Leaves room for the `^C` that a terminal echoes; on a new line it would leave this line on the screen.
      write(Escape.clearLine + line.text(width: width() - 3, unicode: unicode))
    }
  }

  public func end() {
    state.withLock {
      if $0.drawn != nil { write(Escape.clearLine) }
      $0 = State()
    }
  }
}
