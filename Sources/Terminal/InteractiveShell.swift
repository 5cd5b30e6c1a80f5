import Base
import Foundation
import Language
import Rendering
import Session
import Shell
import Workspace

/// The interactive prompt: reads an entry, runs it and shows its result, until `exit` or Ctrl-D.
public struct InteractiveShell {
  let session: Session
  private(set) var options: RenderOptions
  private let sources = EntrySources()
  private let area = LiveArea.forTerminal()

  /// Number of rows of a table to show on a terminal; the others are only counted.
  static let shownRows = 40

  public init(session: Session, mode: OutputMode) {
    self.session = session
    let size = TerminalInfo.size
    let isTerminal = TerminalInfo.outputIsTerminal
    options = RenderOptions(
      mode: mode, width: isTerminal ? size.columns : nil, colour: isTerminal && TerminalInfo.allowsColour(),
      unicode: TerminalInfo.allowsUnicode(), maximumRows: isTerminal ? Self.shownRows : nil)
    if isTerminal { options.images = { ImageProbe.found } }
  }

  /// - Returns: the exit status.
  public func run() throws -> Int32 {
    let editor = LineEditor(
      history: try session.workspace.historyLines(limit: LineEditor.historyLimit), complete: completion())
    let prompt = Escape.paint("vcsh", .bold, .cyan, when: options.colour) + "> "
    var ordinal = 0
    session.isInteractive = true
    while !session.isFinished {
      let offered = session.nextLine
      session.nextLine = nil
      switch editor.readLine(prompt: prompt, offered: offered, isComplete: { !Parser.isIncomplete($0) }) {
      case .endOfFile:
        return 0
      case .interrupted:
        continue
      case .line(let text):
        if text.allSatisfy(\.isWhitespace) { continue }
        ordinal += 1
        try run(text, ordinal: ordinal)
        if Interrupts.isEnding { return Failure.interrupted.exitStatus }
      }
    }
    return 0
  }

  private func run(_ text: String, ordinal: Int) throws {
    var options = options
    if options.width != nil {
      let size = TerminalInfo.size
      options.width = size.columns
      options.height = size.rows
    }
    let printer = EntryPrinter(
      .results(options), colour: options.colour, area: area, show: Self.page, write: { try Pager.show($0) },
      writeError: StandardStreams.writeError)
    let entries = PrintedEntries(printer, of: session, sources: { sources.all }, beforeFailure: Self.clearEcho)
    session.work.cancellation.reset()
    do {
      // A unique name for definitions: what is defined here may fail in a later entry.
      _ = try EntryRunner(in: session, sink: entries, origin: { _ in "prompt" })
        .run(text, name: "<prompt>", definitionName: "<prompt \(ordinal)>", sources: sources)
    } catch let failure as Failure {
      // A result that could not be written does not end the session.
      try entries.failure(failure, of: nil)
    }
    session.work.cancellation.reset()
  }

  /// Shows a table that is longer than the screen in a pager; what fits of it stays on the screen afterwards.
  private static func page(_ value: Value, _ options: RenderOptions) throws -> Bool {
    guard case .table(let table) = value, options.mode.name == OutputMode.table.name, options.width != nil,
      TablePager.isWanted, try TablePager.show(TableSheet(table, unicode: options.unicode), colour: options.colour)
    else { return false }
    var options = options
    // Header, notes and the next prompt need room, too.
    options.maximumRows = min(shownRows, max(5, (options.height ?? 24) - 10))
    try StandardStreams.write(Renderer(options).render(value))
    return true
  }

  /// Erases the `^C` that the terminal has echoed.
  private static func clearEcho(before failure: Failure) {
    guard failure.kind == .interrupted, TerminalInfo.errorIsTerminal, TerminalInfo.canMoveCursor() else { return }
    StandardStreams.writeError(Escape.clearLine)
  }

  private func completion() -> Completion.Source {
    // The editor asks on the reading thread, while no command runs.
    nonisolated(unsafe) let completer = Completer(session: session)
    return { line, cursor in
      let answer = completer.complete(line, cursor: cursor)
      return Completion(start: answer.start, candidates: answer.candidates, appendSpace: answer.appendSpace)
    }
  }
}
