import Base
import Language
import Session

/// The texts that the entries of a session came from: a failure may lie in what an earlier entry defined or sourced.
package final class EntrySources {
  private let files = SourceFiles()
  private var definitions: [SourceText] = []
  private var current: SourceText?

  package init() {}

  /// Adds the texts of definitions that were made before this session.
  package func add(definitions texts: [SourceText]) { definitions += texts }

  /// Every text in which a failure's place may be.
  package var all: [SourceText] { (current.map { [$0] } ?? []) + definitions + files.texts }

  /// Parses a text with what the session knows, and checks it.
  ///
  /// - Parameter definitionName: the text's name in place of `name` where it defines something, which may fail later,
  ///   when other texts have that name; nil where `name` is used once only.
  /// - Throws: the first thing that is wrong with it.
  package func program(
    of text: String, name: String, definitionName: String? = nil, in session: Session
  ) throws -> Program {
    var program = try parsed(SourceText(text, name: name), in: session)
    if !program.definitions.isEmpty {
      if let definitionName { program = try parsed(SourceText(text, name: definitionName), in: session) }
      if let current { definitions.append(current) }
    }
    session.recall(mentionedIn: [text] + files.texts.map(\.whole))
    let surroundings = Surroundings(session.interpreter, objects: session.namedObjects)
    if let problem = Checker(signatures: session.signatures).check(program, in: surroundings).first { throw problem }
    return program
  }

  private func parsed(_ source: SourceText, in session: Session) throws -> Program {
    current = source
    return try Parser.parse(source, signatures: session.interpreter.signatures, files: files)
  }
}
