import Base

/// Calls of the user's definitions.
extension Interpreter {
  /// Deepest nesting of calls: definitions may call each other and themselves.
  package static let callLimit = 100
  /// Deepest nesting of blocks and expressions, which limits the use of the stack.
  private static let levelLimit = 1200

  /// Calls `NAME a --b 3`.
  func run(_ definition: Definition, _ command: CommandSyntax, input: Value?) throws -> Value {
    let signature = definition.signature
    let binder = Binder(command, to: signature)
    if let failure = binder.failures.first { throw failure }
    var values: [String: Value] = [:]
    for (name, bound) in binder.bound {
      guard let first = bound.first, let written = first.value else { continue }
      // A list is one value here, whatever the type of the argument.
      let value = try evaluate(written)
      let isWord = if case .word = written.kind { true } else { false }
      values[name] = try converting(value, isBareword: isWord, to: first.type, label: first.label, at: first.span)
    }
    return try call(definition, values, input: input, at: command.span)
  }

  /// Calls `NAME(a, 3)`; nil where there is no such definition.
  func call(_ name: String, _ arguments: [Value], at span: SourceSpan) throws -> Value? {
    guard let definition = definitions[name] else { return nil }
    if let failure = definition.arityFailure(arguments.count, at: span) { throw failure }
    if isForRows, definition.runsCommands { throw definition.notForRows(at: span) }
    var values: [String: Value] = [:]
    for (argument, value) in zip(definition.arguments, arguments) {
      values[argument.name] = try converting(
        value, isBareword: false, to: argument.kind.argumentType, label: argument.name, at: span)
    }
    return try call(definition, values, input: nil, at: span)
  }

  /// Runs the body with local names; its result is that of the last command or expression in it.
  private func call(
    _ definition: Definition, _ given: [String: Value], input: Value?, at span: SourceSpan
  ) throws -> Value {
    try cancellation.check()
    let outer = (locals: locals, last: lastResult, levels: levels)
    callDepth += 1
    levels += definition.depth
    defer {
      callDepth -= 1
      (locals, lastResult, levels) = outer
    }
    guard callDepth <= Self.callLimit, levels <= Self.levelLimit else {
      throw Failure(
        .usage, "`\(definition.name)` calls itself more than \(callDepth - 1) levels deep",
        hint: "does it have a case that ends the recursion?", span: span)
    }
    locals = [:]
    lastResult = input ?? .null
    for argument in definition.arguments {
      let value: Value
      if let known = given[argument.name] {
        value = known
      } else if let fallback = argument.fallback {
        let isWord = if case .word = fallback.kind { true } else { false }
        value = try converting(
          evaluate(fallback), isBareword: isWord, to: argument.kind.argumentType, label: argument.name,
          at: fallback.span)
      } else {
        value = .null
      }
      locals?[argument.name] = try checked(value, argument, at: span)
    }
    lastResult = input ?? .null
    try run(body: definition.body)
    return lastResult
  }

  private func run(body: [Statement]) throws {
    let show = onBlockValue
    onBlockValue = nil
    defer { onBlockValue = show }
    for statement in body { try run(statement, showing: show) }
  }

  /// Runs a statement of a body and shows only the messages of commands.
  private func run(_ statement: Statement, showing show: ((Value, Statement) throws -> Void)?) throws {
    let before = lastResult
    onBlockValue = { [self] value, inner in
      if says(inner) { try show?(value, inner) }
    }
    let value = try run(statement)
    guard says(statement) else { return }
    try show?(value, statement)
    lastResult = before
  }

  private func says(_ statement: Statement) -> Bool {
    guard case .value(let expression) = statement.kind, case .pipeline(let pipeline) = expression.kind,
      let name = pipeline.stages.last?.name
    else { return false }
    return host.signatures[name]?.isMessage ?? false
  }

  private func checked(_ value: Value, _ argument: Definition.Argument, at span: SourceSpan) throws -> Value {
    let fits: Bool =
      switch argument.kind {
      case .list: if case .list = value { true } else { TableOperations.table(from: value) != nil }
      case .record: if case .record = value { true } else { false }
      case .table: TableOperations.table(from: value) != nil
      case .string, .int, .float, .bool, .path, .any: true
      }
    guard fits || value == .null else {
      throw Failure(
        .usage, "\(argument.name) must be a \(argument.kind.rawValue), not \(value.phrase)", span: span)
    }
    return value
  }
}

extension Definition {
  /// Nesting depth of blocks and expressions in the body.
  var depth: Int { 1 + (body.map(\.depth).max() ?? 0) }
}

extension Statement {
  fileprivate var depth: Int {
    let below =
      switch kind {
      case .assign(_, let value), .value(let value): value.depth
      case .assert(let condition, let message): max(condition.depth, message?.depth ?? 0)
      case .branch(let branches, let otherwise):
        max(
          branches.map { max($0.condition.depth, $0.body.map(\.depth).max() ?? 0) }.max() ?? 0,
          otherwise?.map(\.depth).max() ?? 0)
      case .loop(_, let sequence, let body): max(sequence.depth, body.map(\.depth).max() ?? 0)
      case .parameter, .define, .source: 0
      }
    return 1 + below
  }
}
