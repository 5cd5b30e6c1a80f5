import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Properties of the terminal.
public enum TerminalInfo {
  public static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }
  public static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
  public static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Columns and rows of the terminal of standard output or standard error; 80 x 24 where neither has a size.
  public static var size: (columns: Int, rows: Int) {
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      var size = winsize()
      if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
        return (Int(size.ws_col), Int(size.ws_row))
      }
    }
    return (80, 24)
  }

  /// Whether to use colour on a terminal: not with NO_COLOR, and not on a dumb terminal.
  public static func allowsColour(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
    if let veto = environment["NO_COLOR"], !veto.isEmpty { return false }
    guard let terminal = environment["TERM"], !terminal.isEmpty else { return false }
    return terminal != "dumb"
  }

  /// Whether the cursor can be moved, as progress bars and paging require.
  public static func canMoveCursor(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
    guard let terminal = environment["TERM"], !terminal.isEmpty else { return false }
    return terminal != "dumb"
  }

  /// Whether the terminal shows more than ASCII, according to the first of LC_ALL, LC_CTYPE and LANG that is set; true where
  /// none is.
  public static func allowsUnicode(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = environment[name], !value.isEmpty else { continue }
      let folded = value.lowercased()
      return folded.contains("utf-8") || folded.contains("utf8")
    }
    return true
  }
}
