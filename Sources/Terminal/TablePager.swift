import CReadline
import Foundation
import Rendering

#if canImport(Glibc)
  import Glibc
#endif

/// Shows a table that is longer than the screen: every row, with a header that stays, and sideways scrolling.
enum TablePager {
  /// Whether a pager of the user's own is chosen, or the terminal has no keys to read.
  static var isWanted: Bool {
    ProcessInfo.processInfo.environment["PAGER"] == nil && TerminalInfo.outputIsTerminal
      && TerminalInfo.inputIsTerminal && TerminalInfo.canMoveCursor()
  }

  /// Shows `sheet` until the user leaves; does nothing where the table fits on the screen.
  ///
  /// - Parameter isTall: whether the table, its cells wrapped, is longer than the screen; asked for where its rows are not.
  /// - Returns: whether it was shown.
  /// - Throws: what `StandardStreams.write` throws.
  static func show(_ sheet: TableSheet, colour: Bool, isTall: () -> Bool) throws -> Bool {
    var size = TerminalInfo.size
    var view = SheetView(sheet, columns: size.columns, rows: size.rows)
    var before = termios()
    guard !view.fits, sheet.header.count + sheet.rows.count + sheet.notes.count >= size.rows || isTall(),
      tcgetattr(STDIN_FILENO, &before) == 0
    else { return false }
    var raw = before
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 else { return false }
    defer {
      tcsetattr(STDIN_FILENO, TCSANOW, &before)
      // Ctrl-C was meant for the pager, not for the next command.
      Interrupts.cancellation.reset()
    }
    try StandardStreams.write(Escape.enterScreen)
    defer { try? StandardStreams.write(Escape.leaveScreen) }
    var keys = KeyDecoder()
    var isChanged = true
    while !view.isFinished, !Interrupts.isEnding, !Interrupts.cancellation.isCancelled {
      if size != TerminalInfo.size {
        size = TerminalInfo.size
        view = view.resized(columns: size.columns, rows: size.rows)
        isChanged = true
      }
      if isChanged { try StandardStreams.write(Escape.screen(view.lines, boldLines: sheet.header.count, when: colour)) }
      isChanged = false
      guard let bytes = typed() else { break }
      for key in keys.take(bytes) {
        view.press(key)
        isChanged = true
      }
    }
    return true
  }

  /// Bytes that were typed within a quarter of a second, none where there were none; nil at the end of the input.
  private static func typed() -> [UInt8]? {
    var sources = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: creadline_interrupt_descriptor(), events: Int16(POLLIN), revents: 0),
    ]
    // The wait ends in time to notice a terminal that was resized.
    guard poll(&sources, 2, 250) > 0, sources[0].revents != 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    if count < 0 { return errno == EINTR || errno == EAGAIN ? [] : nil }
    return count == 0 ? nil : Array(buffer[..<count])
  }
}
