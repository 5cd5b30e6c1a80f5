import CReadline
import Foundation

/// Keys that were typed while a command ran, and that the next prompt will read.
enum TypeAhead {
  /// Whether there are any. A line that has not been ended counts too; nothing is taken from it.
  static var isWaiting: Bool { TerminalInfo.inputIsTerminal && creadline_keys_are_waiting(STDIN_FILENO) }
}
