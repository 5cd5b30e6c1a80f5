import Base
import Language
import Rendering
import Session

/// Prints what comes of entries: at the prompt, and in batch.
package final class PrintedEntries: EntrySink {
  private let printer: EntryPrinter
  private let session: Session
  private let sources: () -> [SourceText]
  private let beforeFailure: (Failure) -> Void
  /// Values from within the running entry, where they are printed with its end.
  private var values: [Value] = []
  /// The names and elements of the loops around each of them.
  private var turns: [Record] = []
  /// The last state of the running entry.
  private var lastView: Value?

  /// - Parameters:
  ///   - sources: the texts in which a failure's place may be.
  ///   - beforeFailure: called before a failure is printed.
  package init(
    _ printer: EntryPrinter, of session: Session, sources: @escaping () -> [SourceText],
    beforeFailure: @escaping (Failure) -> Void = { _ in }
  ) {
    self.printer = printer
    self.session = session
    self.sources = sources
    self.beforeFailure = beforeFailure
  }

  package func within(_ value: Value, of statement: Statement, entry number: Int64) throws {
    endView()
    if case .jsonEntries = printer.form {
      if value != .null {
        values.append(value)
        turns.append(Record(session.interpreter.turns.map { ($0.name, $0.value) }))
      }
    } else {
      try current.printWithin(value)
    }
  }

  package func view(_ view: Value) throws {
    lastView = view
    guard case .results(var options) = current.form else { return }
    options.images = { nil }
    printer.area?.draw { columns in
      options.width = columns
      return Renderer(options).render(view)
    }
  }

  package var showsViews: Bool {
    if case .results = current.form { printer.area != nil } else { false }
  }

  package func value(_ value: Value, of entry: FinishedEntry) throws {
    endView()
    let turns = turns
    self.turns = []
    try current.print(
      taken() ?? value, ordinal: entry.ordinal, command: entry.statement.text,
      parameters: parameters(of: entry.statement),
      turns: turns)
  }

  package func failedCheck(_ failure: Failure, after value: Value, of entry: FinishedEntry) throws {
    endView()
    try print(failure, after: taken() ?? value, of: entry)
  }

  package func failure(_ failure: Failure, of entry: FinishedEntry?) throws {
    let view = lastView ?? .null
    endView()
    if view != .null, !values.isEmpty {
      values.append(view)
      turns.append(Record())
    }
    let left = taken() ?? view
    try print(failure, after: entry == nil ? .null : left, of: entry)
  }

  private func print(_ failure: Failure, after result: Value, of entry: FinishedEntry?) throws {
    beforeFailure(failure)
    try current.print(
      failure, after: result, ordinal: entry?.ordinal ?? 0, command: entry?.statement.text ?? "", turns: turns,
      sources: sources())
    turns = []
  }

  /// An entry may change the mode for what is printed after it.
  private var current: EntryPrinter { printer.inMode(session.outputMode) }

  private func endView() {
    printer.area?.clear()
    lastView = nil
  }

  /// The values from within the entry, as its result; nil where there are none.
  private func taken() -> Value? {
    defer { values = [] }
    return values.isEmpty ? nil : .list(values)
  }

  /// The values of the parameters that a statement has set.
  private func parameters(of statement: Statement) -> Record {
    let declared: [ParameterDeclaration]
    switch statement.kind {
    case .parameter(let declaration): declared = [declaration]
    case .source(_, let program, _): declared = program?.parameters ?? []
    default: return Record()
    }
    return Record(declared.compactMap { item in session.interpreter.variables[item.name].map { (item.name, $0) } })
  }
}
