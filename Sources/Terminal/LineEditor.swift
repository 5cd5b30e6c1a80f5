import Base
import CReadline
import Foundation
import Rendering
import Synchronization

/// Reads entries from the terminal with GNU readline: editing, history, completion, and Ctrl-C that clears the line.
///
/// There is one terminal, so only one editor is active at a time: a new one replaces the completion. `Interrupts.install()`
/// must have been called. Where standard input is not a terminal, lines are read without editing or prompt.
public final class LineEditor {
  /// Number of entries that history keeps.
  public static let historyLimit = 10_000

  private static let source = Mutex<Completion.Source?>(nil)
  /// The entry's lines above the current one, with their line feeds.
  private static let above = Mutex("")
  private let isTerminal: Bool
  private var lastEntry: String?

  /// - Parameters:
  ///   - history: entries of earlier sessions, oldest first.
  ///   - complete: called at every TAB.
  public convenience init(history: [String] = [], complete: @escaping Completion.Source) {
    // Results go to standard output; where that is a file, the prompt goes to standard error.
    let output = TerminalInfo.outputIsTerminal ? STDOUT_FILENO : STDERR_FILENO
    self.init(input: STDIN_FILENO, output: output, history: history, complete: complete)
  }

  /// Uses another terminal than that of the process. The terminal of the first editor stays in use.
  package init(input: Int32, output: Int32, history: [String], complete: @escaping Completion.Source) {
    isTerminal = isatty(input) == 1
    guard isTerminal else { return }
    creadline_start("vcsh", input, output)
    creadline_limit_history(Int32(Self.historyLimit))
    Self.source.withLock { $0 = complete }
    creadline_set_completer { LineEditor.offerCandidates() }
    for entry in history.suffix(Self.historyLimit) { addHistory(entry) }
  }

  /// Reads one entry of one or more lines, and adds it to history as a single entry.
  ///
  /// - Parameters:
  ///   - prompt: may contain colour codes.
  ///   - continuation: the prompt of further lines.
  ///   - offered: the initial text of the entry, for editing.
  ///   - isComplete: whether the entry so far is complete: it is not with an open bracket or a trailing `|`. At the end of the
  ///     input the entry is returned unchanged.
  public func readLine(
    prompt: String, continuation: String = "... ", offered: String? = nil, isComplete: (String) -> Bool = { _ in true }
  ) -> LineResult {
    if isTerminal, let offered { creadline_offer(offered) }
    var entry = ""
    var isFirst = true
    while true {
      Self.above.withLock { $0 = isFirst ? "" : entry + "\n" }
      switch readPhysicalLine(isFirst ? prompt : continuation) {
      case .interrupted:
        Interrupts.cancellation.reset()
        return .interrupted
      case .endOfFile:
        if isFirst { return .endOfFile }
        addHistory(entry)
        return .line(entry)
      case .line(let line):
        entry += isFirst ? line : "\n" + line
        isFirst = false
        if isComplete(entry) {
          addHistory(entry)
          return .line(entry)
        }
      }
    }
  }

  /// Adds an entry to history, unless it is empty or repeats the last one.
  public func addHistory(_ entry: String) {
    guard isTerminal, entry != lastEntry, entry.contains(where: { !$0.isWhitespace }) else { return }
    lastEntry = entry
    creadline_add_history(entry)
  }

  private func readPhysicalLine(_ prompt: String) -> LineResult {
    guard isTerminal else { return Swift.readLine().map(LineResult.line) ?? .endOfFile }
    switch creadline_read(Escape.promptMarked(prompt)) {
    case Int32(CREADLINE_LINE): return .line(String(cString: creadline_line()))
    case Int32(CREADLINE_INTERRUPTED): return .interrupted
    default: return .endOfFile
    }
  }

  /// Called by readline at TAB.
  private static func offerCandidates() {
    let line = String(cString: creadline_buffer())
    let bytes = line.utf8
    let place = bytes.index(bytes.startIndex, offsetBy: Int(creadline_cursor()), limitedBy: bytes.endIndex)
    let cursor = line[..<(place ?? bytes.endIndex)].count
    guard let complete = source.withLock({ $0 }) else { return }
    let above = above.withLock { $0 }
    let completion = complete(above + line, above.count + cursor)
    // A candidate that begins on a line above can't be inserted any more.
    let start = completion.start - above.count
    guard (0...cursor).contains(start) else { return }
    creadline_begin_candidates(line.prefix(start).utf8.count, completion.appendSpace)
    var seen: Set<String> = []
    for candidate in completion.candidates where seen.insert(candidate).inserted { creadline_add_candidate(candidate) }
  }
}
