import CReadline
import Foundation
import Rendering

/// Shows long text one screen at a time.
public enum Pager {
  /// Writes `text`; where it is longer than the screen, through a pager.
  /// - Throws: what `StandardStreams.write` throws.
  public static func show(_ text: String) throws {
    guard TerminalInfo.outputIsTerminal, TerminalInfo.inputIsTerminal, TerminalInfo.canMoveCursor(),
      !TerminalImage.isIn(text), isLong(text),
      let command = command(in: ProcessInfo.processInfo.environment)
    else { return try StandardStreams.write(text) }
    let started = creadline_page(command, text, text.utf8.count)
    // Ctrl-C was meant for the pager, not for the next command.
    Interrupts.cancellation.reset()
    if !started { try StandardStreams.write(text) }
  }

  /// Whether a text is longer than the screen.
  static func isLong(_ text: String) -> Bool {
    let size = TerminalInfo.size
    return lineCount(of: text, columns: size.columns) >= size.rows
  }

  /// The shell command of the pager: PAGER if it is set, otherwise `less`; nil where PAGER is empty or `cat`.
  static func command(in environment: [String: String]) -> String? {
    let chosen = environment["PAGER"] ?? "less -FRX"
    if chosen.isEmpty || chosen == "cat" { return nil }
    // As in git, a plain `less` keeps colours and does not page text that fits on the screen.
    return environment["LESS"] == nil ? "LESS=FRX; export LESS; \(chosen)" : chosen
  }

  /// Number of lines on a screen with `columns`; long lines wrap.
  package static func lineCount(of text: String, columns: Int) -> Int {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0).reduce(0) {
      $0 + max(1, (DisplayWidth.of(Escape.stripped(String($1))) + columns - 1) / max(1, columns))
    }
  }
}
