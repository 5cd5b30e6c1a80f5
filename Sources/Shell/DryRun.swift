import Base
import Foundation
import Language
import Recordings
import Session
import Workspace

/// What a program would do, statement by statement: nothing is computed, and nothing in the workspace changes.
///
/// Names are followed in a scratch copy of the catalogue, in which only commands run that open, name, drop or freeze
/// objects; what other commands make is known by name alone.
public struct DryRun {
  private struct Row {
    package var line: Int
    package var command: String
    package var reads: [String] = []
    package var writes: [String] = []
    package var cache: [String] = []
    package var problem: String?
  }

  /// Beyond this, the turns of a loop are only counted.
  private static let turnLimit = 100

  private let original: Workspace
  private let session: Session
  private var rows: [Row] = []
  /// Names that a statement of the plan would make, and its line.
  private var made: [String: Int] = [:]
  /// Variables whose values only a run can tell.
  private var unknown: Set<String> = ["_"]
  /// Where they are set.
  private var lines: [String: Int] = [:]

  /// The plan as a table: line, command, reads, writes, cache, problem.
  ///
  /// - Throws: what is wrong with parameters; `Failure` where the catalogue can't be copied.
  public static func plan(_ batch: BatchRun, parameters: [String: String], in session: Session) throws -> Table {
    let folder = FileManager.default.temporaryDirectory.path + "/vcsh-plan-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let last = try session.workspace.history(limit: 1).last?.id ?? 0
    let scratch = try session.workspace.scratch(at: folder, before: last + 1)
    let planner = Session(workspace: scratch, commands: session.commands, work: session.work)
    if session.keepsNames { planner.interpreter.takeNames(from: session.interpreter) }
    try planner.interpreter.setParameters(parameters, of: batch.program)
    var run = DryRun(original: session.workspace, session: planner)
    try run.plan(batch.program.statements, prefix: "")
    return Table(
      [
        Column("line", run.rows.map { Optional($0.line) }), Column("command", run.rows.map(\.command)),
        Column("reads", run.rows.map { Self.joined($0.reads) }),
        Column("writes", run.rows.map { Self.joined($0.writes) }),
        Column("cache", run.rows.map { Self.joined($0.cache) }), Column("problem", run.rows.map(\.problem)),
      ], note: "nothing was run")
  }

  /// Whether some statement of a plan could not run.
  public static func hasProblem(_ plan: Table) -> Bool {
    (0..<plan.rowCount).contains { plan.record($0)["problem"].map { $0 != .null } ?? false }
  }

  private static func joined(_ words: [String]) -> String? { words.isEmpty ? nil : words.joined(separator: "; ") }

  private init(original: Workspace, session: Session) {
    self.original = original
    self.session = session
  }

  // MARK: Statements

  private mutating func plan(_ statements: [Statement], prefix: String) throws {
    for statement in statements {
      try session.work.cancellation.check()
      try plan(statement, prefix: prefix)
    }
  }

  private mutating func plan(_ statement: Statement, prefix: String) throws {
    switch statement.kind {
    case .parameter(let declaration):
      _ = try session.run(statement, origin: "plan").result.get()
      let value = session.interpreter.variables[declaration.name]?.plainText ?? ""
      add(Row(line: statement.span.line, command: "param \(declaration.name) = \(value)"), prefix)
    case .define: _ = try session.run(statement, origin: "plan").result.get()
    case .source(let path, let program, nil):
      add(Row(line: statement.span.line, command: "source \(path)", reads: [file(path)]), prefix)
      try plan(program?.statements ?? [], prefix: prefix)
    case .source(let path, let program, let given?):
      add(Row(line: statement.span.line, command: statement.text, reads: [file(path)]), prefix)
      guard let program else { break }
      try session.interpreter.giving(given, to: program) { try plan(program.statements, prefix: prefix) }
    case .loop(let name, let sequence, let body): try plan(loop: name, sequence, body, statement, prefix)
    case .branch(let branches, let otherwise):
      // Whether a condition holds may depend on what runs before it.
      for branch in branches { try plan(branch.body, prefix: prefix + "if … ") }
      try plan(otherwise ?? [], prefix: prefix + "else ")
    case .assign(let name, _):
      try planCommand(statement, prefix)
      if runsNow(statement) { unknown.remove(name) } else { forget(name) }
      lines[name] = statement.span.line
    case .value, .assert: try planCommand(statement, prefix)
    }
  }

  private mutating func plan(
    loop name: String, _ sequence: Language.Expression, _ body: [Statement], _ statement: Statement, _ prefix: String
  ) throws {
    let elements = isKnown(sequence) ? try session.interpreter.elements(of: sequence) : nil
    guard let elements, elements.count <= Self.turnLimit else {
      forget(name)
      let turns = elements.map { "\($0.count) times: " } ?? "for each \(name): "
      return try plan(body, prefix: prefix + turns)
    }
    for element in elements {
      session.interpreter.variables[name] = element
      unknown.remove(name)
      try plan(body, prefix: prefix)
    }
  }

  private mutating func forget(_ name: String) {
    unknown.insert(name)
    session.interpreter.variables[name] = nil
  }

  private mutating func add(_ row: Row, _ prefix: String) {
    var row = row
    row.command = prefix + row.command
    rows.append(row)
  }

  // MARK: Commands

  /// Whether an expression's value can be told without running a command.
  private func isKnown(_ expression: Language.Expression) -> Bool { expression.isKnown(without: unknown) }

  /// Whether a statement only names things, or only works out a value: then it is run in the scratch workspace.
  private func runsNow(_ statement: Statement) -> Bool {
    let commands = statement.commands
    if commands.isEmpty {
      guard case .assign(_, let value) = statement.kind else { return false }
      return isKnown(value)
    }
    return commands.count == 1 && commands.allSatisfy { session.signatures[$0.name]?.effect == .names }
  }

  private mutating func planCommand(_ statement: Statement, _ prefix: String) throws {
    let known = session.interpreter.variables.filter { !unknown.contains($0.key) }
    let text = statement.filled(known) ?? statement.text
    var row = Row(line: statement.span.line, command: text)
    var filled = statement
    do {
      let program = try Parser.parse(
        SourceText(text, name: "<plan>"), signatures: session.interpreter.signatures)
      filled = program.statements.first ?? statement
      row.problem = problem(of: program, text)
    } catch {
      row.problem = Session.failure(error).message
    }
    let literals = filled.literalArguments(session.signatures)
    for literal in literals {
      switch literal.type {
      case .object: row.reads.append(object(literal.text))
      case .stimulus: row.reads.append(stimulus(literal.text))
      case .path:
        if literal.command.written.contains(literal.name) {
          row.writes.append("file \(literal.text)")
        } else {
          row.reads.append(file(literal.text))
        }
      case .newName: row.writes.append(literal.text)
      default: break
      }
    }
    for name in VariableNames.mentioned(in: text) {
      if let line = lines[name], unknown.contains(name) { row.reads.append("$\(name) (line \(line))") }
    }
    if let file = filled.writtenFile { row.writes.append("file \(file.text)") }
    row.writes += filled.commands.compactMap { changed(by: $0, literals) }
    for command in filled.commands {
      guard let planner = session.commands[command.name] as? any AsksFrames.Type else { continue }
      let arguments = Dictionary(
        literals.filter { $0.command.name == command.name }.map { ($0.name, $0.text) },
        uniquingKeysWith: { first, _ in first })
      do {
        if let words = try frames(planner, command, arguments) { row.cache.append(words) }
      } catch {
        row.problem = Session.failure(error).message
      }
    }
    if runsNow(statement) {
      if case .failure(let failure) = session.run(statement, origin: "plan").result {
        if failure.kind == .interrupted { throw failure }
        row.problem = failure.message
      }
    } else {
      for literal in literals where literal.type == .newName { made[literal.text] = row.line }
    }
    add(row, prefix)
  }

  /// What the checker finds in a statement with its values filled in, where it has them all.
  private func problem(of program: Program, _ text: String) -> String? {
    guard VariableNames.mentioned(in: text).allSatisfy({ !unknown.contains($0) }) else { return nil }
    return Checker(signatures: session.interpreter.signatures)
      .check(program, in: Surroundings(session.interpreter)).first?.message
  }

  /// What a command changes beside the names and files that it is given; nil for nothing.
  private func changed(by command: CommandSyntax, _ literals: [LiteralArgument]) -> String? {
    guard let changed = session.signatures[command.name]?.changed else { return nil }
    let given = literals.filter { $0.command.name == command.name }
    func text(_ type: (ArgumentType) -> Bool) -> String? { given.first { type($0.type) }?.text }
    let object = text { if case .object = $0 { true } else { false } }
    let stimulus = text { $0 == .stimulus }
    if changed.contains("{object}"), object == nil { return nil }
    return changed.replacing("{object}", with: object ?? "")
      .replacing(" on {stimulus}", with: stimulus.map { " on \($0)" } ?? "")
  }

  // MARK: What is read

  private func object(_ name: String) -> String {
    if let line = made[name] { return "\(name) (made in line \(line))" }
    guard let version = try? session.workspace.lookup(name) else { return "\(name) (not there)" }
    let bytes = version.payload.files.reduce(0) { $0 + $1.byteCount }
    return "\(name) (\(version.kind.rawValue)\(bytes > 0 ? ", \(NumberText.bytes(bytes))" : ""))"
  }

  private func stimulus(_ text: String) -> String {
    let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
    guard parts.count == 2, let version = try? session.workspace.lookup(parts[0]),
      let payload = version.payload as? RecordingPayload,
      let stored = payload.stimuli.first(where: { $0.name == parts[1] })
    else { return made[parts.first ?? ""].map { "\(text) (made in line \($0))" } ?? "\(text) (not there)" }
    return "\(text) (\(NumberText.bytes(stored.file.byteCount)))"
  }

  private func file(_ path: String) -> String {
    let full = session.absolute(path)
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: full) else {
      return "\(path) (no such file)"
    }
    if attributes[.type] as? FileAttributeType == .typeDirectory { return "\(path) (folder)" }
    return "\(path) (\(NumberText.bytes(attributes[.size] as? Int ?? 0)))"
  }

  // MARK: What is cached

  /// How many of the frames that a command asks a twin for are kept already; nil where it asks for none.
  private func frames(
    _ planner: any AsksFrames.Type, _ command: CommandSyntax, _ arguments: [String: String]
  ) throws -> String? {
    guard let twinName = arguments[planner.twinArgument], let stimulusName = arguments["stimulus"] else { return nil }
    guard made[twinName] == nil else { return "unknown: `\(twinName)` is made in line \(made[twinName] ?? 0)" }
    let twin = try session.loadTwin(twinName)
    let source = try session.loadStimulus(stimulusName)
      .shown(to: twin, withoutBehavior: command.arguments.contains { $0.flag == "no-behavior" })
    let splits = arguments["split"].flatMap(Split.init(rawValue:)).map { [$0] } ?? planner.splits
    let head = try planner.head(of: twin, on: source, named: arguments["head"] ?? arguments["adapter"])
    let valid = try source.stimulus.validFrames()
    let frames = Set(try splits.flatMap { try source.stimulus.frames($0, among: valid) })
    let answer = Predictor.key(planner.asks.answerName, twin, head: head, source)
    let kept = try original.cachedBlocks(answer).values.reduce(into: Set<Int>()) { $0.formUnion($1.frames) }
    return "\(planner.asks.rawValue): \(frames.intersection(kept).count) of \(frames.count) frames kept"
  }
}
