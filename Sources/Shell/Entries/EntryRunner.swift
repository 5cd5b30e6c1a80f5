import Base
import Language
import Session

/// Runs text entry by entry up to the first failure, and hands what comes of it to a sink.
///
/// The prompt, recipes, the server and the examples differ in their sinks alone.
package struct EntryRunner {
  private let session: Session
  private let sink: any EntrySink
  private let origin: (Statement) -> String
  private let given: (Statement) -> String?

  /// - Parameters:
  ///   - origin: what the history says about where a statement came from.
  ///   - given: the value of a `param` statement that came from outside.
  package init(
    in session: Session, sink: any EntrySink, origin: @escaping (Statement) -> String,
    given: @escaping (Statement) -> String? = { _ in nil }
  ) {
    self.session = session
    self.sink = sink
    self.origin = origin
    self.given = given
  }

  /// Parses, checks and runs a text.
  ///
  /// - Parameters:
  ///   - sources: keeps the text for the places in failures.
  ///   - definitionName: the text's name where it defines something; see `EntrySources`.
  /// - Returns: the failure that ended the run; nil where all of the text ran.
  /// - Throws: what the sink throws.
  package func run(
    _ text: String, name: String, definitionName: String? = nil, sources: EntrySources
  ) throws -> Failure? {
    let program: Program
    do {
      program = try sources.program(of: text, name: name, definitionName: definitionName, in: session)
    } catch let failure as Failure {
      let failure = explained(failure, in: sources)
      try sink.failure(failure, of: nil)
      return failure
    }
    return try run(program)
  }

  /// A failure with what leads on from it; see `Habit`.
  private func explained(_ failure: Failure, in sources: EntrySources) -> Failure {
    Habit.explained([failure], commands: session.interpreter.signatures) { span in
      sources.all.first { $0.name == span.source }?.line(span.line)
    }.first ?? failure
  }

  /// Runs a parsed program.
  ///
  /// - Returns: the failure that ended the run; nil where all statements ran.
  /// - Throws: what the sink throws.
  package func run(_ program: Program) throws -> Failure? {
    defer {
      session.interpreter.onBlockValue = nil
      session.onView = nil
      session.isWatched = false
    }
    // What draws a result far below, such as rsvg-convert, stops on Ctrl-C too.
    return try Cancellation.$current.withValue(session.work.cancellation) {
      for (index, statement) in program.statements.enumerated() {
        if let failure = try run(statement, ordinal: index + 1) { return failure }
        if session.isFinished { break }
      }
      return nil
    }
  }

  private func run(_ statement: Statement, ordinal: Int) throws -> Failure? {
    // A failure to deliver the output is not the entry's own failure: the entry stops, and so does the run.
    var undelivered: (any Error)?
    func deliver(_ body: () throws -> Void) throws {
      do {
        try body()
      } catch {
        undelivered = error
        throw Failure.interrupted
      }
    }
    session.interpreter.onBlockValue = { value, inner in
      try deliver { try sink.within(value, of: inner, entry: session.entry) }
      try session.endBlock(after: inner)
    }
    session.onView = { view in try deliver { try sink.view(view) } }
    session.isWatched = sink.showsViews
    let outcome = session.run(statement, origin: origin(statement), given: given(statement))
    if let undelivered { throw undelivered }
    let entry = FinishedEntry(ordinal: ordinal, number: outcome.entry, statement: statement)
    switch outcome.result {
    case .success(let value):
      guard let failure = outcome.failedCheck else {
        try sink.value(value, of: entry)
        return nil
      }
      try sink.failedCheck(failure, after: value, of: entry)
      return failure
    case .failure(let failure):
      let failure = Habit.explained(failure, of: statement, commands: session.interpreter.signatures)
      try sink.failure(failure, of: entry)
      return failure
    }
  }
}
