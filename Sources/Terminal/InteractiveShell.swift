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
  private let aliases: [String: String]

  /// From so many seconds on, a command rings the bell at its end, and the next prompt tells how long it took.
  package static let longSeconds = 10.0

  /// Number of rows of a table to show on a terminal; the others are only counted.
  static let shownRows = 40

  public init(session: Session, mode: OutputMode) {
    self.session = session
    session.keepsNames = true
    let user = InitFile.path().flatMap { InitFile.read(at: $0, commands: session.signatures) }
    aliases = user?.aliases ?? [:]
    if let user {
      session.interpreter.adopt(user.definitions)
      sources.add(definitions: [user.source])
    }
    sources.add(definitions: session.recallDefinitions())
    let size = TerminalInfo.size
    let isTerminal = TerminalInfo.outputIsTerminal
    options = RenderOptions(
      mode: mode, width: isTerminal ? size.columns : nil, colour: isTerminal && TerminalInfo.allowsColour(),
      unicode: TerminalInfo.allowsUnicode(), maximumRows: isTerminal ? Self.shownRows : nil)
    if isTerminal { options.images = { ImageProbe.found } }
    if let user { tell(user.failures, in: user.source) }
  }

  /// Says what is wrong with the user's own file; of many mistakes, the first.
  private func tell(_ failures: [Failure], in source: SourceText) {
    for failure in failures.prefix(Self.toldFailures) {
      let line = failure.span.flatMap { source.line($0.line) }
      StandardStreams.writeError(
        Diagnostic.render(failure, sourceLine: line, colour: options.colour, width: options.width))
    }
    let rest = failures.count - Self.toldFailures
    if rest > 0 { StandardStreams.writeError("\(rest.counted("more error")) in \(source.name)\n") }
  }

  private static let toldFailures = 5

  /// - Returns: the exit status.
  public func run() throws -> Int32 {
    let editor = LineEditor(
      history: try session.workspace.historyLines(limit: LineEditor.historyLimit), complete: completion())
    let name = Escape.paint("vcsh", .bold, .cyan, when: options.colour) + "> "
    var prompt = name
    var ordinal = 0
    session.isInteractive = true
    if TerminalInfo.inputIsTerminal, TerminalInfo.outputIsTerminal {
      try StandardStreams.write(Welcome(session).lines.map { $0 + "\n" }.joined())
    }
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
        let started = ContinuousClock.now
        let reading = try run(text, ordinal: ordinal)
        prompt = Self.status(after: ContinuousClock.now - started - reading) + name
        if Interrupts.isEnding { return Failure.interrupted.exitStatus }
      }
    }
    return 0
  }

  /// - Returns: how long results were shown, in a pager for as long as its reader wanted.
  private func run(_ line: String, ordinal: Int) throws -> Duration {
    var reading = Duration.zero
    func shown<Result>(_ show: () throws -> Result) rethrows -> Result {
      let started = ContinuousClock.now
      defer { reading += ContinuousClock.now - started }
      return try show()
    }
    let typed = TypedText(line, commands: session.interpreter.signatures, aliases: aliases)
    let text = typed.text
    if typed.skippedLines > 0 {
      let count = typed.skippedLines
      session.note("\(count) pasted \(count == 1 ? "line" : "lines") without a prompt left out, as output")
    }
    var options = options
    if options.width != nil {
      let size = TerminalInfo.size
      options.width = size.columns
      options.height = size.rows
    }
    let printer = EntryPrinter(
      .results(options), colour: options.colour, area: area,
      show: { table, options in try shown { try Self.page(table, options) } },
      write: { text in try shown { try Self.show(text) } }, writeError: StandardStreams.writeError)
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
    return reading
  }

  /// Shows a table that is longer than the screen in a pager; what fits of it stays on the screen afterwards.
  private static func page(_ value: Value, _ options: RenderOptions) throws -> Bool {
    guard case .table(let table) = value, options.mode.name == OutputMode.table.name, options.width != nil,
      TablePager.isWanted, !TypeAhead.isWaiting,
      try TablePager.show(
        TableSheet(table, unicode: options.unicode), colour: options.colour,
        isTall: { Pager.isLong(Renderer(options).render(value)) })
    else { return false }
    var options = options
    // Header, notes and the next prompt need room, too.
    options.maximumRows = min(shownRows, max(5, (options.height ?? 24) - 10))
    try StandardStreams.write(Renderer(options).render(value))
    return true
  }

  /// Shows a result, in a pager where it is long. A pager would take what was typed ahead for its own keys.
  private static func show(_ text: String) throws {
    if TypeAhead.isWaiting { try StandardStreams.write(text) } else { try Pager.show(text) }
  }

  /// What stands before the next prompt: how long a long command took; nil for a short one.
  package static func status(afterSeconds seconds: Double) -> String? {
    guard seconds >= longSeconds else { return nil }
    let whole = Int(min(seconds, 1e9))
    return whole < 120 ? "(\(whole) s) " : "(\(whole / 60) min \(whole % 60) s) "
  }

  private static func status(after duration: Duration) -> String {
    guard let status = status(afterSeconds: Double(duration.components.seconds)) else { return "" }
    if TerminalInfo.errorIsTerminal { StandardStreams.writeError("\u{07}") }
    return status
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
