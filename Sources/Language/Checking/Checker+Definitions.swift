import Base
import Functions

/// Checks definitions: once by themselves, and again at every call with the types of its arguments.
extension Checker {
  mutating func check(_ definition: Definition) {
    let name = definition.name
    if defined.contains(name), failuresOfDefinitions[name] != nil {
      failures.append(
        Failure(.usage, "`\(name)` is defined twice", hint: "rename one of them", span: definition.span))
    }
    if let failure = Self.clash(name, signatures, at: definition.span) { failures.append(failure) }
    for fallback in definition.arguments.compactMap(\.fallback) { checkLiteral(of: definition, fallback) }
    defined.insert(name)
    let found = failures(in: definition)
    failuresOfDefinitions[name] = found
    failures += found
  }

  /// Problems of the body that every call has.
  private func failures(in definition: Definition) -> [Failure] {
    var inner = entering(definition, [:], input: nil)
    inner.check(definition.body)
    return inner.failures
  }

  /// A definition may not take the name of a command or function.
  static func clash(_ name: String, _ signatures: SignatureTable, at span: SourceSpan) -> Failure? {
    let what: String
    if let signature = signatures[name], signature.category != Definition.category {
      what = "command"
    } else if FunctionTable.function(name) != nil {
      what = "function"
    } else if Parser.keywords.contains(name) {
      what = "word of the language"
    } else {
      return nil
    }
    return Failure(.usage, "`\(name)` is already a \(what)", hint: "give the definition another name", span: span)
  }

  private mutating func checkLiteral(of definition: Definition, _ fallback: Expression) {
    guard let argument = definition.arguments.first(where: { $0.fallback == fallback }) else { return }
    var inner = entering(definition, [:], input: nil)
    inner.check(fallback)
    failures += inner.failures
    checkLiteral(fallback, argument.kind.argumentType, label: argument.name)
  }

  /// A checker for the definition's body: its arguments, and the variables that are set before it.
  private func entering(_ definition: Definition, _ types: [String: StaticType], input: StaticType?) -> Checker {
    var inner = self
    inner.failures = []
    inner.callDepth += 1
    inner.blockDepth = 0
    inner.adopt(objectsOfProgram)
    inner.variables["_"] = input ?? .unknown
    for argument in definition.arguments {
      inner.variables[argument.name] = types[argument.name] ?? StaticType(argument.kind)
    }
    return inner
  }

  // MARK: Calls

  /// `NAME a --b 3`.
  mutating func check(call definition: Definition, _ command: CommandSyntax, input: StaticType?) -> StaticType {
    checkOrder(of: definition, at: command.span)
    let binder = Binder(command, to: definition.signature)
    failures += binder.failures
    let before = failures.count
    var types: [String: StaticType] = [:]
    for argument in definition.arguments {
      guard let bound = binder.bound[argument.name]?.first, let value = bound.value else { continue }
      var type = check(value)
      if bound.type == .value, let word = value.plainWord { type = StaticType(of: Literal.value(of: word)) }
      checkLiteral(value, bound.type, label: bound.label)
      types[argument.name] = given(type, value, for: argument, label: bound.label)
    }
    guard binder.failures.isEmpty, failures.count == before else { return .unknown }
    return outcome(of: definition, types, input: input, at: command.span)
  }

  /// `NAME(a, 3)` in an expression.
  mutating func call(
    _ definition: Definition, _ arguments: [Expression], _ types: [StaticType], _ row: Row, at span: SourceSpan
  ) -> StaticType {
    checkOrder(of: definition, at: span)
    if let failure = definition.arityFailure(arguments.count, at: span) {
      failures.append(failure)
      return .unknown
    }
    if row.isAtHand, definition.runsCommands {
      failures.append(definition.notForRows(at: span))
      return .unknown
    }
    let before = failures.count
    var named: [String: StaticType] = [:]
    for (argument, (expression, type)) in zip(definition.arguments, zip(arguments, types)) {
      if argument.kind.argumentType != .value {
        checkLiteral(expression, argument.kind.argumentType, label: argument.name)
      }
      named[argument.name] = given(type, expression, for: argument, label: argument.name)
    }
    guard failures.count == before else { return .unknown }
    return outcome(of: definition, named, input: nil, at: span)
  }

  private mutating func checkOrder(of definition: Definition, at span: SourceSpan) {
    // A body may use definitions further down: they exist when it is called.
    guard callDepth == 0, !defined.contains(definition.name) else { return }
    failures.append(
      Failure(
        .usage, "`\(definition.name)` is defined below",
        hint: "move `def \(definition.name)` above line \(span.line)", span: span))
  }

  /// The type of an argument in the body. Reports a failure where the given value can't be of the declared type.
  private mutating func given(
    _ type: StaticType, _ value: Expression, for argument: Definition.Argument, label: String
  ) -> StaticType {
    let fits: Bool =
      switch (argument.kind, type) {
      case (_, .unknown), (.any, _): true
      case (.table, _): type.notATable == nil
      case (.list, _): type.isList || type.columns != nil
      case (.record, .record): true
      case (.int, .number), (.float, .number), (.string, .number), (.string, .text), (.path, .text): true
      // A text may contain a number.
      case (.int, .text), (.float, .text), (.bool, .text), (.bool, .truth), (.string, .truth): true
      default: false
      }
    if !fits {
      failures.append(
        Failure(
          .usage, "\(label) must be a \(argument.kind.rawValue), not \(type.notATable ?? "a table")", span: value.span))
    }
    switch argument.kind {
    case .any, .list, .record, .table: return type.stored
    default: return StaticType(argument.kind)
    }
  }

  /// The type of the body's result for these arguments. Problems that only this call has are reported at the call.
  private mutating func outcome(
    of definition: Definition, _ types: [String: StaticType], input: StaticType?, at span: SourceSpan
  ) -> StaticType {
    guard callDepth < 4, callsLeft > 0 else {
      adopt(names(madeBy: definition.body))
      return .unknown
    }
    callsLeft -= 1
    var inner = entering(definition, types, input: input)
    inner.variables["_"] = input ?? .unknown
    inner.check(definition.body)
    callsLeft = inner.callsLeft
    objects = inner.objects
    mayHaveOtherObjects = inner.mayHaveOtherObjects
    let known = failuresOfDefinitions[definition.name] ?? []
    if let failure = inner.failures.first(where: { !known.contains($0) }) {
      let place = failure.span.map { " (\($0))" } ?? ""
      failures.append(
        Failure(.usage, "in `\(definition.name)`: \(failure.message)\(place)", hint: failure.hint, span: span))
    }
    return definition.yields ? inner.variables["_"] ?? .unknown : .unknown
  }
}

extension Definition {
  static let category = "definitions"

  /// Whether the body runs commands.
  var runsCommands: Bool { body.contains(where: \.runsCommands) }

  /// Whether the body's result is that of its last statement, so that its type is known.
  var yields: Bool { if case .value? = body.last?.kind { true } else { false } }

  func notForRows(at span: SourceSpan?) -> Failure {
    Failure(
      .usage, "`\(name)` runs commands, so it can't be used in an expression over columns",
      hint: "store its result with `let` first",
      span: span)
  }

  func arityFailure(_ count: Int, at span: SourceSpan) -> Failure? {
    let needed = arguments.count { $0.fallback == nil }
    guard !(needed...arguments.count).contains(count) else { return nil }
    let wanted =
      needed == arguments.count ? "\(needed)" : count < needed ? "at least \(needed)" : "at most \(arguments.count)"
    let usage = "\(name)(\(arguments.map(\.name).joined(separator: ", ")))"
    return Failure(
      .usage, "\(name) takes \(wanted) argument\(wanted == "1" || wanted.hasSuffix(" 1") ? "" : "s"), not \(count)",
      hint: "usage: \(usage)", span: span)
  }
}

extension Statement {
  /// Whether it runs any command.
  var runsCommands: Bool {
    switch kind {
    case .assign(_, let value), .value(let value): value.runsCommands
    case .assert(let condition, let message): condition.runsCommands || message?.runsCommands == true
    case .branch(let branches, let otherwise):
      branches.contains { $0.condition.runsCommands || $0.body.contains(where: \.runsCommands) }
        || otherwise?.contains(where: \.runsCommands) == true
    case .loop(_, let sequence, let body): sequence.runsCommands || body.contains(where: \.runsCommands)
    case .parameter, .define: false
    case .source: true
    }
  }
}

extension Expression {
  /// Whether evaluating it runs commands, which may have effects.
  var runsCommands: Bool {
    if case .pipeline = kind { return true }
    return children.contains(where: \.runsCommands)
  }
}
