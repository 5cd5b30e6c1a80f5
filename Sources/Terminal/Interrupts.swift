import Base
import CReadline

/// The process's signals: Ctrl-C cancels the running command, a closed pipe is an error to handle, an end from outside
/// cancels the running command too and leaves the terminal as it was found.
public enum Interrupts {
  /// What Ctrl-C cancels. Whoever starts a command resets it first and hands it to the work.
  public static let cancellation = Cancellation()

  /// Takes over SIGINT, SIGPIPE, SIGTERM and SIGHUP. Call once, at the start, in a session as in batch.
  @discardableResult
  public static func install() -> Cancellation {
    // The handler must find the value made: it may not wait for an initialiser.
    let cancellation = Self.cancellation
    creadline_install_signals { Interrupts.cancellation.cancel() }
    return cancellation
  }

  /// Whether SIGTERM or SIGHUP came while a command ran: it was cancelled, and the process is to end.
  public static var isEnding: Bool { creadline_ending_signal() != 0 }

  /// Ends the process by the signal that came, for its parent to see; returns where none did.
  public static func endIfAsked() {
    if isEnding { creadline_end_by_signal() }
  }
}
