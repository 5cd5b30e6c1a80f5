import Base
import CReadline

/// Handles the process's signals. Ctrl-C cancels the running command. SIGTERM and SIGHUP also cancel it, and the terminal's
/// settings are restored before the process ends. A closed pipe is an error to handle.
public enum Interrupts {
  /// Cancelled by Ctrl-C. Whoever starts a command resets it first, and passes it to the work.
  public static let cancellation = Cancellation()

  /// Installs handlers for SIGINT, SIGPIPE, SIGTERM and SIGHUP. Call it once at the start, interactive or batch.
  @discardableResult
  public static func install() -> Cancellation {
    // The value must exist before a signal arrives: the handler can't wait for its initialisation.
    let cancellation = Self.cancellation
    creadline_install_signals { Interrupts.cancellation.cancel() }
    return cancellation
  }

  /// Whether SIGTERM or SIGHUP arrived while a command ran: the command was cancelled, and the process must end.
  public static var isEnding: Bool { creadline_ending_signal() != 0 }

  /// Ends the process by the received signal, so that its parent sees it; returns if there was none.
  public static func endIfAsked() {
    if isEnding { creadline_end_by_signal() }
  }
}
