import CReadline
import Foundation
import Rendering

/// Shows long text a screen at a time.
public enum Pager {
  /// Writes `text`, through a pager where it is longer than the terminal's screen.
  /// - Throws: what `StandardStreams.write` throws.
  public static func show(_ text: String) throws {
    let size = TerminalInfo.size
    guard TerminalInfo.outputIsTerminal, TerminalInfo.inputIsTerminal, TerminalInfo.canMoveCursor(),
      !TerminalImage.isIn(text), lineCount(of: text, columns: size.columns) >= size.rows,
      let command = command(in: ProcessInfo.processInfo.environment)
    else { return try StandardStreams.write(text) }
    let started = creadline_page(command, text, text.utf8.count)
    // Ctrl-C meant the pager, not the next command.
    Interrupts.cancellation.reset()
    if !started { try StandardStreams.write(text) }
  }

  /// The shell command that pages: PAGER if it is set, else `less`; nil where PAGER is empty or `cat`.
  static func command(in environment: [String: String]) -> String? {
    let chosen = environment["PAGER"] ?? "less -FRX"
    if chosen.isEmpty || chosen == "cat" { return nil }
    // As git does: a plain `less` is told to keep colours and to leave what fits on the screen.
    return environment["LESS"] == nil ? "LESS=FRX; export LESS; \(chosen)" : chosen
  }

  /// Lines on a screen of `columns`, long ones counted as often as they wrap.
  package static func lineCount(of text: String, columns: Int) -> Int {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0).reduce(0) {
      $0 + max(1, (DisplayWidth.of(Escape.stripped(String($1))) + columns - 1) / max(1, columns))
    }
  }
}
