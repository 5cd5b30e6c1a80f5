import Foundation
import Rendering
import Shell

/// The view of a running entry on standard error: redrawn in place at most ten times a second, gone at the entry's end.
public final class LiveArea: ViewArea {
  /// An area, or nil where standard error is not a terminal that can move its cursor.
  public static func forTerminal() -> LiveArea? {
    guard TerminalInfo.errorIsTerminal, TerminalInfo.canMoveCursor() else { return nil }
    return LiveArea(
      size: { TerminalInfo.size }, write: StandardStreams.writeError,
      seconds: { ProcessInfo.processInfo.systemUptime })
  }

  private static let interval = 0.1

  private let size: () -> (columns: Int, rows: Int)
  private let write: (String) -> Void
  private let seconds: () -> Double
  /// What stands on the screen, with its line ends.
  private var shown = ""
  private var drawn: Double?

  package init(
    size: @escaping () -> (columns: Int, rows: Int), write: @escaping (String) -> Void,
    seconds: @escaping () -> Double
  ) {
    self.size = size
    self.write = write
    self.seconds = seconds
  }

  package func draw(_ text: (_ columns: Int) -> String) {
    let now = seconds()
    if let drawn, now - drawn < Self.interval { return }
    drawn = now
    let next = fitted(text(size().columns))
    write(erasure + next)
    shown = next
  }

  package func clear() {
    if !shown.isEmpty { write(erasure) }
    shown = ""
    drawn = nil
  }

  /// Takes away what is shown. Lines are counted for the present width: a terminal wraps them again when it is resized.
  private var erasure: String {
    shown.isEmpty ? "" : Escape.eraseLines(Pager.lineCount(of: shown, columns: size().columns))
  }

  /// As much of the view as the screen holds above the cursor's line: what has scrolled away can't be erased.
  private func fitted(_ text: String) -> String {
    let (columns, rows) = size()
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    let all = lines.count
    var height = Pager.lineCount(of: lines.joined(separator: "\n"), columns: columns)
    let room = max(1, rows - 1)
    guard height > room else { return lines.map { $0 + "\n" }.joined() }
    while height > room - 1, let last = lines.popLast() { height -= Pager.lineCount(of: last, columns: columns) }
    return (lines + ["… \(all - lines.count) more lines"]).map { $0 + "\n" }.joined()
  }
}
