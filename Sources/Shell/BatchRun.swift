import Base
import Language
import Session

/// A recipe or command text, run from first to last; it stops at the first failure.
public struct BatchRun {
  package let source: SourceText
  package let program: Program
  private let files: SourceFiles
  private let signatures: SignatureTable
  /// The commands and the definitions of the workspace.
  private let known: SignatureTable

  /// Parses the whole text and the files that it sources.
  ///
  /// - Parameters:
  ///   - files: keeps the texts of those files, for the places in them.
  ///   - definitions: those of the workspace, which commands after `-c` may use.
  /// - Throws: a usage failure with the place of the first thing that can't be understood.
  public init(
    _ text: String, name: String, commands: CommandTable, files: SourceFiles = SourceFiles(),
    definitions: [Definition] = []
  ) throws {
    source = SourceText(text, name: name)
    self.files = files
    signatures = commands.signatures
    known = signatures.adding(definitions.map(\.signature))
    do {
      program = try Parser.parse(source, signatures: known, files: files)
    } catch let failure as Failure {
      throw Self.explained([failure], [source] + files.texts, known).first ?? failure
    }
  }

  /// Failures with what leads on from them; see `Habit`.
  private static func explained(
    _ failures: [Failure], _ sources: [SourceText], _ signatures: SignatureTable
  ) -> [Failure] {
    Habit.explained(failures, commands: signatures) { span in
      sources.first { $0.name == span.source }.flatMap { text in
        text.isLine(span.line, within: Habit.lengthLimit) ? text.line(span.line) : nil
      }
    }
  }

  /// The text itself and all that it sources.
  public var sources: [SourceText] { [source] + files.texts }

  public var sourceText: SourceText { source }
  public var parameters: [ParameterDeclaration] { program.parameters }

  /// All that is wrong with the text, found without running it.
  ///
  /// - Parameters:
  ///   - given: names of the parameters that have a value from outside; nil where none are asked for yet.
  ///   - objects: the names in the workspace; nil where none is at hand.
  ///   - session: whose kept variables and definitions the text may use; nil for a recipe.
  public func problems(
    given: [String: String]?, objects: [NamedObject]? = nil, in session: Session? = nil
  ) -> [Failure] {
    session?.recall(mentionedIn: sources.map(\.whole))
    let surroundings = session.map { Surroundings($0.interpreter, objects: objects) } ?? Surroundings(objects: objects)
    let names = given.map { Set($0.keys.map { $0.replacing("-", with: "_") }) }
    let found = Checker(signatures: signatures)
      .check(program, in: surroundings, givenParameters: names)
    return ReservedParameters.failures(of: program) + wrong(given) + Self.explained(found, sources, known)
  }

  /// What is wrong with the values from outside.
  private func wrong(_ given: [String: String]?) -> [Failure] {
    do {
      _ = try program.parameterValues(given ?? [:])
      return []
    } catch {
      return [Session.failure(error)]
    }
  }

  /// Runs the program in `session`.
  ///
  /// - Returns: the exit status: 0, or that of the first failure.
  /// - Throws: what the printer throws in writing.
  public func run(in session: Session, parameters: [String: String], printer: EntryPrinter) throws -> Int32 {
    let sink = PrintedEntries(printer, of: session, sources: { sources })
    do {
      try session.interpreter.setParameters(parameters, of: program)
    } catch let failure as Failure {
      try sink.failure(failure, of: nil)
      return failure.exitStatus
    }
    let runner = EntryRunner(
      in: session, sink: sink, origin: { "\(source.name):\($0.span.line)" }, given: { given($0, parameters) })
    return try runner.run(program)?.exitStatus ?? 0
  }

  /// What a parameter's statement was given from outside: the history must tell what ran.
  private func given(_ statement: Statement, _ parameters: [String: String]) -> String? {
    func value(_ declaration: ParameterDeclaration) -> String? {
      parameters.first { $0.key.replacing("-", with: "_") == declaration.name }?.value
    }
    switch statement.kind {
    case .parameter(let declaration): return value(declaration)
    case .source(_, let program?, nil):
      let given = program.parameters.compactMap { declaration in
        value(declaration).map { "\(declaration.name) \($0)" }
      }
      return given.isEmpty ? nil : given.joined(separator: ", ")
    default: return nil
    }
  }
}
