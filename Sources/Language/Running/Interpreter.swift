import Base
import Functions

/// Runs statements one after the other, and keeps variables and the last result.
public final class Interpreter {
  public var variables: [String: Value] = [:]
  /// The value of `$_`.
  public internal(set) var lastResult = Value.null
  /// The definitions so far.
  public internal(set) var definitions: [String: Definition] = [:]
  /// Called in order with the value of every statement inside an `if`, a `for` or a sourced file.
  public var onBlockValue: ((Value, Statement) throws -> Void)?

  /// The names that `let` and `def` have set outside of definitions since `takeFresh`, and the texts of the definitions.
  private var fresh: (variables: Set<String>, definitions: [String: String]) = ([], [:])

  let host: any CommandHost
  let cancellation: Cancellation
  /// Parameters that were given from outside.
  var parameters: [String: Value] = [:]
  /// The names and elements of the loops that run, outermost first.
  public private(set) var turns: [(name: String, value: Value)] = []
  /// Local names of the running definition; nil outside of definitions.
  var locals: [String: Value]?
  /// Number of running definitions, and the total nesting depth of their bodies.
  var callDepth = 0
  var levels = 0
  /// Whether only expressions are allowed, because a definition runs for the rows of a table.
  let isForRows: Bool

  /// - Parameter host: kept alive by the interpreter. A host that owns its interpreter must break this reference cycle.
  public init(host: any CommandHost, cancellation: Cancellation = Cancellation()) {
    self.host = host
    self.cancellation = cancellation
    isForRows = false
  }

  /// Runs definitions that an expression over columns calls.
  init(forRows definitions: [String: Definition], variables: [String: Value], cancellation: Cancellation) {
    host = NoCommands()
    self.cancellation = cancellation
    isForRows = true
    self.variables = variables
    self.definitions = definitions
  }

  /// All commands and definitions.
  public var signatures: SignatureTable {
    host.signatures.adding(definitions.sorted { $0.key < $1.key }.map(\.value.signature))
  }

  /// Copies the names of another interpreter: variables, definitions, the last result.
  public func takeNames(from other: Interpreter) {
    variables = other.variables
    definitions = other.definitions
    lastResult = other.lastResult
  }

  /// What `let` and `def` have set since the last call: the names of variables, and definitions with their texts.
  public func takeFresh() -> (variables: Set<String>, definitions: [String: String]) {
    defer { fresh = ([], [:]) }
    return fresh
  }

  /// Adds definitions that were made elsewhere, unless a command has the name by now.
  public func adopt(_ more: [Definition]) {
    for definition in more where host.signatures[definition.name] == nil { definitions[definition.name] = definition }
  }

  /// Takes a definition away.
  public func forget(definition name: String) { definitions[name] = nil }

  // MARK: Statements

  /// Runs one statement and returns its value; null for a statement without a value.
  ///
  /// - Throws: `Failure` with its place in the statement.
  public func run(_ statement: Statement) throws -> Value {
    do {
      try cancellation.check()
      return try perform(statement)
    } catch let failure as Failure {
      throw failure.located(at: statement.span)
    }
  }

  private func perform(_ statement: Statement) throws -> Value {
    switch statement.kind {
    case .assign(let name, let value):
      set(name, try evaluate(value))
      if locals == nil { fresh.variables.insert(name) }
    case .parameter(let declaration):
      try declare(declaration)
    case .define(let definition):
      if let failure = Checker.clash(definition.name, host.signatures, at: definition.span) { throw failure }
      definitions[definition.name] = definition
      fresh.definitions[definition.name] = statement.text
    case .source(_, let program, nil):
      try run(block: program?.statements ?? [])
    case .source(_, let program, let given?):
      guard let program else { break }
      try giving(given, to: program) { try run(block: program.statements) }
    case .branch(let branches, let otherwise):
      let taken = try branches.first { try truth(of: $0.condition) }
      try run(block: taken?.body ?? otherwise ?? [])
    case .loop(let name, let sequence, let body):
      for element in try elements(of: sequence) {
        set(name, element)
        turns.append((name, element))
        defer { turns.removeLast() }
        try run(block: body)
      }
    case .assert(let condition, let message):
      try assert(condition, message: message)
    case .value(let expression):
      lastResult = try evaluate(expression)
      return lastResult
    }
    return .null
  }

  private func run(block: [Statement]) throws {
    for statement in block {
      let value = try run(statement)
      try onBlockValue?(value, statement)
    }
  }

  /// The elements that a loop over the expression visits.
  ///
  /// - Throws: `Failure` where the value is not a list or table.
  public func elements(of sequence: Expression) throws -> [Value] {
    let value = try evaluate(sequence)
    switch value {
    case .list, .table: return try value.elements(for: "for")
    default:
      throw Checker.notASequence(value.phrase, at: sequence.span)
    }
  }

  private func set(_ name: String, _ value: Value) {
    if locals == nil { variables[name] = value } else { locals?[name] = value }
  }

  // MARK: Expressions and commands

  private var evaluator: Evaluator {
    var evaluator = Evaluator(variables: variables)
    evaluator.locals = locals ?? [:]
    evaluator.last = lastResult
    evaluator.runPipeline = { [self] in try run($0) }
    evaluator.callDefinition = { [self] in try call($0, $1, at: $2) }
    evaluator.definitions = Array(definitions.keys)
    return evaluator
  }

  func evaluate(_ expression: Expression) throws -> Value {
    try evaluator.evaluate(try resolvingUnits(of: expression))
  }

  func truth(of condition: Expression) throws -> Bool {
    try evaluator.truth(of: try resolvingUnits(of: condition))
  }

  private func resolvingUnits(of expression: Expression) throws -> Expression {
    let path = UnitPath(variables: variables, locals: locals ?? [:], last: lastResult)
    guard path.mayFindUnits(in: expression) else { return expression }
    return try UnitResolver(column: { _ in .none }, path: path.plain).resolvedKeepingUnit(expression)
  }

  private func run(_ pipeline: Pipeline) throws -> Value {
    guard let file = pipeline.file else { return try result(of: pipeline) }
    let path = try converting(
      try evaluate(file), isBareword: file.plainWord != nil, to: .path, label: "the file after `>`", at: file.span)
    guard case .string(let path) = path else { return .null }
    try host.write(to: path, of: shape(of: pipeline), at: file.span) { try result(of: pipeline) }
    return .null
  }

  /// What a pipeline's result is, where its commands say so whatever they are given.
  private func shape(of pipeline: Pipeline) -> ResultType.Shape? {
    for stage in pipeline.stages.reversed() {
      guard let signature = host.signatures[stage.name] else { return nil }
      if signature.result == .input { continue }
      return signature.variants.isEmpty || signature.result.shape == .table ? signature.result.shape : nil
    }
    return nil
  }

  private func result(of pipeline: Pipeline) throws -> Value {
    var value = try pipeline.source.map(evaluate)
    for stage in pipeline.stages {
      try cancellation.check()
      value = try run(stage, input: value)
    }
    return value ?? .null
  }

  private func run(_ command: CommandSyntax, input: Value?) throws -> Value {
    if host.signatures[command.name] == nil, let definition = definitions[command.name] {
      return try run(definition, command, input: input)
    }
    let call = try call(command, input: input)
    do {
      return try host.run(call)
    } catch let failure as Failure {
      throw failure.located(at: command.span)
    }
  }

  /// The command with its arguments evaluated and converted to the types in its signature.
  private func call(_ command: CommandSyntax, input: Value?) throws -> Call {
    guard let signature = host.signatures[command.name] else {
      throw Checker.unknownCommand(command, signatures: signatures, variables: Set(variables.keys))
    }
    let binder = Binder(command, to: signature)
    if let failure = binder.failures.first { throw failure }
    let input = try self.input(input, for: signature, at: command.span)
    var arguments: [String: [Call.Argument]] = [:]
    for (name, bound) in binder.bound {
      arguments[name] = try bound.flatMap { try argument($0, name, of: signature) }
      if case .table(let table) = input, !signature.mayNameMetric(name, of: table.names) {
        try checkColumns(arguments[name] ?? [], bound.first?.type, table)
      }
      if arguments[name]?.isEmpty == true, signature.argument(named: name)?.isOptional == false {
        throw Failure(
          .usage, "\(signature.name) needs \(bound.first?.label ?? name), which is null or empty here",
          span: bound.first?.span)
      }
    }
    return Call(
      signature, arguments: arguments, input: input, span: command.span, text: Printer.print(command))
  }

  func argument(_ bound: Binder.Bound, _ name: String, of signature: Signature) throws -> [Call.Argument] {
    guard let expression = bound.value else { return [Call.Argument(.value(.bool(true)), at: bound.span)] }
    if bound.type == .rowExpression {
      var known = variables.merging(locals ?? [:]) { $1 }
      known["_"] = lastResult
      let rows = RowExpression(
        expression, variables: known,
        calls: definitions.isEmpty
          ? nil : DefinitionsForRows(definitions: definitions, variables: known, cancellation: cancellation),
        cancellation: cancellation, text: Printer.print(expression))
      return [Call.Argument(.rows(rows), at: bound.span)]
    }
    var value = try evaluate(expression)
    // `drop $table` means the variable itself.
    if case .variable(let variable) = expression.kind, signature.removedNames == name, value.plainName == nil {
      value = .string("$" + variable)
    }
    let isWord = if case .word = expression.kind { true } else { false }
    var values = [value]
    if case .list(let elements) = value, bound.type != .value { values = elements }
    let mayRepeat = signature.argument(named: name)?.isRepeating ?? (bound.type == .column)
    if values.count != 1, case .list = value, !mayRepeat, bound.type != .value {
      throw Failure(
        .usage, "\(bound.label) takes one value, not a list of \(values.count)", hint: "usage: \(signature.usage)",
        span: bound.span)
    }
    return try values.filter { $0 != .null || bound.type == .value }.map { value in
      let value = try Self.inUnit(of: signature.flag(named: name)?.unit, value, at: bound.span)
      let converted = try converting(value, isBareword: isWord, to: bound.type, label: bound.label, at: bound.span)
      return Call.Argument(.value(converted), at: bound.span)
    }
  }

  /// Columns are checked here, because the place of each name is known only here.
  private func checkColumns(_ arguments: [Call.Argument], _ type: ArgumentType?, _ table: Table) throws {
    guard type == .column else { return }
    for argument in arguments {
      guard case .value(.string(let text)) = argument.content else { continue }
      for name in text.split(separator: ",").map(String.init) where table[name] == nil {
        throw Evaluator.unknownColumn(name, known: table.names, at: argument.span, written: false)
      }
    }
  }

  /// A number with a unit, converted to the unit of the flag.
  private static func inUnit(of unit: String?, _ value: Value, at span: SourceSpan) throws -> Value {
    guard let unit, let quantity = Quantity(value) else { return value }
    do {
      return try quantity.number(in: Unit(name: unit))
    } catch let failure as Failure {
      throw failure.located(at: span)
    }
  }

  func converting(
    _ value: Value, isBareword: Bool, to type: ArgumentType, label: String, at span: SourceSpan
  ) throws -> Value {
    do throws(Failure) {
      return try ArgumentConversion.convert(value, isBareword: isBareword, to: type, label: label)
    } catch {
      throw error.located(at: span)
    }
  }

  /// The command's input from the pipe; a list of records becomes a table where one is needed.
  private func input(_ value: Value?, for signature: Signature, at span: SourceSpan) throws -> Value? {
    switch signature.input {
    case .any: return value
    case .nothing:
      guard value == nil else { throw Checker.pipeRefused(by: signature, at: span) }
      return nil
    case .table:
      guard let value else { throw Checker.pipeNeeded(by: signature, at: span) }
      return .table(try Call(signature, arguments: [:], input: value, span: span).table())
    }
  }
}

extension Value {
  /// The text, or the name of the object that a record of `open` stands for.
  fileprivate var plainName: String? {
    switch self {
    case .string(let text): text
    case .record(let record): if case .string(let name)? = record["name"] { name } else { nil }
    default: nil
    }
  }
}
