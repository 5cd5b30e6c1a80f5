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
  /// Source texts of definitions, and sourced files: later failures may be located in them.
  private let files = SourceFiles()
  private let definitions = Definitions()

  private final class Definitions { var sources: [SourceText] = [] }

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
      .results(options), colour: options.colour, write: { try Pager.show($0) }, writeError: StandardStreams.writeError)
    var source = SourceText(text, name: "<prompt>")
    session.work.cancellation.reset()
    session.interpreter.onBlockValue = { [session] value, statement in
      try printer.inMode(session.outputMode).printWithin(value)
      try session.endBlock(after: statement)
    }
    do {
      var program = try Parser.parse(source, signatures: session.interpreter.signatures, files: files)
      if !program.definitions.isEmpty {
        // A unique name: what is defined here may fail in a later entry.
        source = SourceText(text, name: "<prompt \(ordinal)>")
        program = try Parser.parse(source, signatures: session.interpreter.signatures, files: files)
        definitions.sources.append(source)
      }
      let surroundings = Surroundings(session.interpreter, objects: session.namedObjects)
      if let problem = Checker(signatures: session.signatures).check(program, in: surroundings).first {
        throw problem
      }
      for statement in program.statements {
        let outcome = session.run(statement, origin: "prompt")
        switch outcome.result {
        case .success(let value):
          try printer.inMode(session.outputMode).print(value, ordinal: ordinal, command: text)
        case .failure(let failure): throw failure
        }
        if let failure = outcome.failedCheck { throw failure }
        if session.isFinished { return }
      }
    } catch let failure as Failure {
      // Erases the `^C` that the terminal has echoed.
      if failure.kind == .interrupted, TerminalInfo.errorIsTerminal, TerminalInfo.canMoveCursor() {
        StandardStreams.writeError(Escape.clearLine)
      }
      try printer.print(failure, ordinal: nil, command: text, sources: [source] + definitions.sources + files.texts)
    }
    session.work.cancellation.reset()
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
