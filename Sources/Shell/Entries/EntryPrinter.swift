import Base
import Language
import Rendering
import Session

/// Writes what entries yield to standard output, and what goes wrong to standard error.
public struct EntryPrinter {
  public enum Form: Sendable {
    /// Results alone, in one output mode.
    case results(RenderOptions)
    /// One JSON object a line for every entry, failures too.
    case jsonEntries
  }

  public let form: Form
  /// Colour of diagnostics.
  public let colour: Bool
  /// Where the view of a running entry is drawn; nil: its last state alone is printed, where the entry fails.
  package let area: (any ViewArea)?
  /// Shows a value in a way of its own, such as a pager; false where the value is to be written as text.
  private let show: (Value, RenderOptions) throws -> Bool
  private let write: (String) throws -> Void
  private let writeError: (String) -> Void

  public init(
    _ form: Form, colour: Bool = false, write: @escaping (String) throws -> Void,
    writeError: @escaping (String) -> Void
  ) {
    self.init(form, colour: colour, area: nil, write: write, writeError: writeError)
  }

  package init(
    _ form: Form, colour: Bool = false, area: (any ViewArea)?,
    show: @escaping (Value, RenderOptions) throws -> Bool = { _, _ in false },
    write: @escaping (String) throws -> Void, writeError: @escaping (String) -> Void
  ) {
    self.form = form
    self.colour = colour
    self.area = area
    self.show = show
    self.write = write
    self.writeError = writeError
  }

  /// The same printer in another output mode; JSON entries keep their form.
  public func inMode(_ mode: OutputMode?) -> EntryPrinter {
    guard let mode, case .results(var options) = form else { return self }
    options.mode = mode
    return EntryPrinter(.results(options), colour: colour, area: area, show: show, write: write, writeError: writeError)
  }

  /// Writes the value of an entry; `ordinal` counts the entries of this run. See `JSONEntry` for `parameters` and `turns`.
  public func print(
    _ value: Value, ordinal: Int, command: String, parameters: Record = Record(), turns: [Record] = []
  ) throws {
    switch form {
    case .results: try printWithin(value)
    case .jsonEntries:
      try write(
        JSONEntry.ok(entry: ordinal, command: command, result: value, parameters: parameters, turns: turns))
    }
  }

  /// Writes a value in the middle of an entry: of a statement within `if` or `for`.
  public func printWithin(_ value: Value) throws {
    guard case .results(let options) = form, value != .null, try !show(value, options) else { return }
    try write(Renderer(options).render(value))
  }

  /// Writes a failure; `result` is what the entry yielded all the same, `ordinal` 0 where it is of no entry.
  public func print(
    _ failure: Failure, after result: Value = .null, ordinal: Int, command: String, turns: [Record] = [],
    sources: [SourceText]
  ) throws {
    if case .jsonEntries = form {
      try write(JSONEntry.failed(entry: ordinal, command: command, failure: failure, result: result, turns: turns))
    } else {
      try printWithin(result)
    }
    let source = sources.first { $0.name == failure.span?.source }
    let line = failure.span.flatMap { span in source?.line(span.line) }
    let width: Int? = if case .results(let options) = form { options.width } else { nil }
    writeError(Diagnostic.render(failure, sourceLine: line, colour: colour, width: width))
  }
}
