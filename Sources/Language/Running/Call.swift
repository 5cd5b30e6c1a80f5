import Base

/// A command's arguments, checked against its signature and evaluated.
public struct Call: Sendable {
  /// One given argument.
  package struct Argument: Sendable {
    package enum Content: Sendable {
      case value(Value)
      case rows(RowExpression)
    }

    package let content: Content
    package let span: SourceSpan

    package init(_ content: Content, at span: SourceSpan) {
      self.content = content
      self.span = span
    }
  }

  public let signature: Signature
  /// The value from the pipe.
  public let input: Value?
  /// Place of the command's word.
  public let span: SourceSpan
  /// The call as text.
  public let text: String
  private let arguments: [String: [Argument]]

  package init(
    _ signature: Signature, arguments: [String: [Argument]], input: Value?, span: SourceSpan, text: String = ""
  ) {
    self.signature = signature
    self.arguments = arguments
    self.input = input
    self.span = span
    self.text = text
  }

  /// A call made by a program instead of a user.
  public init(
    _ signature: Signature, _ values: [String: Value], input: Value? = nil,
    span: SourceSpan = SourceSpan(source: "<command>", line: 1, column: 1)
  ) {
    let arguments = values.mapValues { value -> [Argument] in
      if case .list(let values) = value { return values.map { Argument(.value($0), at: span) } }
      return [Argument(.value(value), at: span)]
    }
    self.init(signature, arguments: arguments, input: input, span: span)
  }

  /// The value of an argument or flag; where it is not given, the flag's default. For a repeating argument, a list.
  public func value(_ name: String) -> Value? {
    let given = (arguments[name] ?? []).compactMap { argument -> Value? in
      if case .value(let value) = argument.content { value } else { nil }
    }
    if signature.argument(named: name)?.isRepeating == true, !given.isEmpty { return .list(given) }
    return given.last ?? signature.flag(named: name)?.fallback
  }

  /// The values of all given arguments and flags by name, in the form that `init` takes.
  public var givenValues: [String: Value] {
    arguments.compactMapValues { given in
      let values = given.compactMap { if case .value(let value) = $0.content { value } else { nil } }
      return values.isEmpty ? nil : values.count == 1 ? values[0] : .list(values)
    }
  }

  /// Whether the user wrote the argument or flag.
  public func isGiven(_ name: String) -> Bool { arguments[name]?.isEmpty == false }

  /// Whether a flag without a value is given.
  public func isSet(_ flag: String) -> Bool { value(flag) == .bool(true) }

  public func optionalString(_ name: String) throws -> String? {
    switch value(name) {
    case nil, .null: nil
    case .string(let text): text
    case .int, .double, .bool: value(name)?.plainText
    case .some(let other): throw wrongType(name, "text", other)
    }
  }

  public func string(_ name: String) throws -> String { try required(name, optionalString(name)) }

  public func optionalInt(_ name: String) throws -> Int? {
    switch value(name) {
    case nil, .null: nil
    case .int(let number): number
    case .some(let other): throw wrongType(name, "a whole number", other)
    }
  }

  public func int(_ name: String) throws -> Int { try required(name, optionalInt(name)) }

  public func optionalFloat(_ name: String) throws -> Double? {
    guard let value = value(name), value != .null else { return nil }
    guard let number = value.number else { throw wrongType(name, "a number", value) }
    return number
  }

  public func float(_ name: String) throws -> Double { try required(name, optionalFloat(name)) }

  /// The texts of a repeating argument or of a list. Columns may also be given as `a,b`.
  public func strings(_ name: String) -> [String] {
    let type = signature.argument(named: name)?.type ?? signature.flag(named: name)?.type
    let values: [Value] =
      switch value(name) {
      case nil, .null: []
      case .list(let values): values
      case .some(let value): [value]
      }
    return values.flatMap { value -> [String] in
      if let quantity = Quantity(value) { return [quantity.text] }
      if case .list(let nested) = value { return nested.map { Quantity($0)?.text ?? $0.plainText } }
      guard type == .column else { return [value.plainText] }
      return value.plainText.split(separator: ",").map(String.init)
    }
  }

  /// The piped table.
  ///
  /// - Throws: a usage failure where nothing, or something other than a table, is piped.
  public func table() throws -> Table {
    guard let input else {
      throw Failure(
        .usage, "\(signature.name) needs a table from the pipe", hint: "write `… | \(signature.usage)`", span: span)
    }
    guard let table = TableOperations.table(from: input) else {
      throw Failure(
        .usage, "\(signature.name) needs a table from the pipe, not \(input.phrase)",
        hint: signature.usageHint(afterPipe: true), span: span)
    }
    return table
  }

  /// The argument's expression over columns.
  public func rows(_ name: String) throws -> RowExpression {
    guard let first = rowExpressions(name).first else { throw missing(name) }
    return first
  }

  /// The expressions over columns of a repeating argument.
  public func rowExpressions(_ name: String) -> [RowExpression] {
    (arguments[name] ?? []).compactMap { if case .rows(let rows) = $0.content { rows } else { nil } }
  }

  /// The place of an argument; of the command where it is not given.
  public func span(of name: String) -> SourceSpan { arguments[name]?.first?.span ?? span }

  private func required<T>(_ name: String, _ value: T?) throws -> T {
    guard let value else { throw missing(name) }
    return value
  }

  private func missing(_ name: String) -> Failure {
    let label = signature.argument(named: name)?.placeholder ?? signature.flag(named: name)?.placeholder ?? name
    return Failure(.usage, "\(signature.name) needs \(label)", hint: signature.usageHint(), span: span)
  }

  private func wrongType(_ name: String, _ expected: String, _ value: Value) -> Failure {
    Failure(.usage, "\(name) of \(signature.name) must be \(expected), not \(value.phrase)", span: span(of: name))
  }
}
