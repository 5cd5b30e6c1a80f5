import Base
import Commands
import Foundation
import Language
import Rendering
import Session
import Shell
import Terminal
import Workspace

extension StartOptions {
  /// A second value would replace the first one without a word.
  private func refuseRepeated() throws {
    let options = [("-w", "--workspace", workspaces), ("-f", "--file", files), ("-o", "--output", outputs)]
    for (short, long, given) in options where given.count > 1 {
      throw Failure(
        .usage,
        "\(short) (\(long)) is given \(given.count == 2 ? "twice" : "\(given.count) times"): \(given.joined(separator: ", "))",
        hint: short == "-f" ? "start vcsh once for each recipe" : "give it once")
    }
  }

  func run() throws {
    do {
      try refuseRepeated()
      if serve { return try Serve.run(workspace: workspace) }
      let isRecipe = file != nil
      // Commands use what the workspace keeps; a recipe stands alone.
      let opened = isRecipe || serve || startsPrompt ? nil : Result { try makeSession(keepsNames: true) }
      if let batch = try batch(in: try? opened?.get()) { return try run(batch, in: opened) }
    } catch let failure as Failure {
      // Whoever reads the objects learns of what goes wrong around the entries, too.
      if json { try? StandardStreams.write(JSONEntry.failed(entry: 0, command: "", failure: failure)) }
      throw failure
    }
    try runInteractively()
  }

  // MARK: Batch

  /// Whether there is nothing to run: the prompt asks for it.
  private var startsPrompt: Bool {
    file == nil && command == nil && TerminalInfo.inputIsTerminal && !check && !dryRun
  }

  private func batch(in session: Session?) throws -> BatchRun? {
    let definitions = session.map { Array($0.interpreter.definitions.values) } ?? []
    if let command {
      let known = AllCommands.table.signatures.adding(definitions.map(\.signature))
      return try reporting(TypedText(command, commands: known).text, name: "<command>", definitions)
    }
    if let file, file != "-" {
      return try reporting(SourceText.commands(InputBytes.file(file), name: file), name: file, [])
    }
    if startsPrompt { return nil }
    return try reporting(InputBytes.standardInput(), name: "<stdin>", definitions)
  }

  private func reporting(_ data: Data, name: String, _ definitions: [Definition] = []) throws -> BatchRun {
    try reporting(SourceText.decoded(data, name: name), name: name, definitions)
  }

  /// Parses; a syntax error is shown with its line.
  private func reporting(_ text: String, name: String, _ definitions: [Definition]) throws -> BatchRun {
    let files = SourceFiles()
    do {
      return try Cancellation.$current.withValue(Interrupts.cancellation) {
        try BatchRun(text, name: name, commands: AllCommands.table, files: files, definitions: definitions)
      }
    } catch let failure as Failure {
      try show([failure], [SourceText(text, name: name)] + files.texts)
      throw ProgramRun.Status(code: failure.kind == .interrupted ? failure.exitStatus : 2)
    }
  }

  private func show(_ failures: [Failure], _ sources: [SourceText]) throws {
    let printer = printer(json ? .jsonEntries : .results(ProgramRun.batchOptions()))
    for failure in failures.prefix(Self.mostProblems) {
      try printer.print(failure, ordinal: 0, command: "", sources: sources)
    }
    guard failures.count > Self.mostProblems else { return }
    let more = Failure(
      .usage, (failures.count - Self.mostProblems).counted("more error"), hint: "correct the ones above first")
    try printer.print(more, ordinal: 0, command: "", sources: [])
  }

  /// Errors of a text that are shown: each shows its line, and a generated text may have thousands on one line.
  private static let mostProblems = 100

  private func printer(_ form: EntryPrinter.Form) -> EntryPrinter {
    EntryPrinter(
      form, colour: ProgramRun.errorColour, area: LiveArea.forTerminal(), write: { try StandardStreams.write($0) },
      writeError: StandardStreams.writeError)
  }

  private func run(_ batch: BatchRun, in early: Result<Session, any Error>?) throws {
    if recipeHelp { return try showParameters(of: batch) }
    if file == nil, let first = parameters.first {
      if command != nil, first.hasSuffix(".vc") {
        throw Failure(
          .usage, "the recipe \(first) and -c exclude each other",
          hint: "`vcsh -c 'run \(first); …'` runs it and then commands")
      }
      throw Self.unknown(first)
    }
    // Without the names of a damaged workspace every variable would be called unknown.
    if case .failure(let failure as Failure)? = early, failure.kind == .format, !check { throw failure }
    let values = try Self.values(parameters, of: batch.parameters)
    // A check needs no workspace; where there is one, a recipe's names of objects are looked up in it.
    let opened = early ?? Result { try makeSession() }
    let objects = file != nil || check ? (try? opened.get())?.namedObjects : nil
    let given = check && values.isEmpty ? nil : values
    let kept = early.flatMap { try? $0.get() }
    var problems = batch.problems(given: given, objects: objects, in: kept)
    // A name that is typed as a command is told as such; where nothing is wrong, names are not looked up.
    if !problems.isEmpty, objects == nil, let named = kept?.namedObjects {
      problems = batch.problems(given: given, objects: named, in: kept)
    }
    guard problems.isEmpty else {
      try show(problems, batch.sources)
      throw ProgramRun.Status(code: 2)
    }
    if check { return }
    let form = try form
    let session = try opened.get()
    session.replacesNames = file != nil && ProcessInfo.processInfo.environment[Session.restartVariable] == "1"
    if dryRun {
      let plan = try DryRun.plan(batch, parameters: values, in: session)
      try StandardStreams.write(Renderer(ProgramRun.batchOptions(try mode)).render(.table(plan)))
      if DryRun.hasProblem(plan) { throw ProgramRun.Status(code: 1) }
      return
    }
    let status = try batch.run(in: session, parameters: values, printer: printer(form))
    if status != 0 { throw ProgramRun.Status(code: status) }
  }

  private var form: EntryPrinter.Form {
    get throws { json ? .jsonEntries : .results(ProgramRun.batchOptions(try mode)) }
  }

  private var mode: OutputMode {
    get throws {
      if let output { return try OutputMode.named(output) }
      return json ? .json : csv ? .csv : markdown ? .markdown : .table
    }
  }

  /// `--name value` and `--name=value`, in pairs. A list may be given in several: `--name a --name b`.
  static func values(_ words: [String], of declarations: [ParameterDeclaration]) throws -> [String: String] {
    var values: [String: String] = [:]
    func set(_ name: String, _ value: String) throws {
      let folded = name.replacing("-", with: "_")
      let isList = declarations.first { $0.name == folded }?.type.element != nil
      // A variable of the system's shell that is empty must not make a sweep over nothing.
      guard !isList || !value.isEmpty else {
        throw Failure(.usage, "--\(name) has no value", hint: "write `--\(name)=[]` for an empty list")
      }
      if let before = values[folded] {
        guard isList else {
          throw Failure(.usage, "--\(name) is given twice", hint: "give it once")
        }
        let elements = [before, value].flatMap(ListText.elements)
        values[folded] = elements.map { $0.contains(",") ? "\"\($0)\"" : $0 }.joined(separator: ",")
      } else {
        values[folded] = value
      }
    }
    var index = 0
    while index < words.count {
      let word = words[index]
      guard word.hasPrefix("--"), word.count > 2 else {
        throw Failure(.usage, "`\(word)` is not a parameter", hint: "a recipe's parameters are given as --name value")
      }
      let body = word.dropFirst(2)
      let name: String
      if let equals = body.firstIndex(of: "=") {
        name = String(body[..<equals])
        try set(name, String(body[body.index(after: equals)...]))
        index += 1
        continue
      }
      name = String(body)
      guard index + 1 < words.count else {
        throw Failure(.usage, "--\(name) needs a value", hint: "write --\(name) VALUE")
      }
      try set(name, words[index + 1])
      index += 2
    }
    return values
  }

  private func showParameters(of batch: BatchRun) throws {
    try StandardStreams.write(RecipeHelp.text(batch))
  }

  /// The failure for a word that is neither an option nor a recipe.
  private static func unknown(_ word: String) -> Failure {
    Failure(
      .usage, "vcsh does not know `\(word)`",
      hint: RecipePath.advice(for: word, commands: AllCommands.table.signatures)
        ?? Suggestion.hint(for: word, among: words) ?? "`vcsh --help` lists its options")
  }

  /// What may follow `vcsh`, for suggestions.
  static let words = [
    "init", "demo", "reference", "--workspace", "--file", "--command", "--json", "--output", "--csv", "--markdown",
    "--check", "--dry-run", "--serve", "--help", "--version",
  ]

  // MARK: Session

  private func makeSession(keepsNames: Bool = false) throws -> Session {
    let session = try Session.open(workspace: workspace)
    session.workspace.keepOpen()
    session.keepsNames = keepsNames
    session.recallDefinitions()
    return session
  }

  private func runInteractively() throws {
    if let first = parameters.first { throw Self.unknown(first) }
    let mode = try mode
    let session = try makeSession()
    let status = try InteractiveShell(session: session, mode: mode).run()
    if status != 0 { throw ProgramRun.Status(code: status) }
  }
}
