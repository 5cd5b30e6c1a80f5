import Base

/// Finds what is wrong with a program before anything of it runs.
public struct Checker {
  private let signatures: SignatureTable
  private var failures: [Failure] = []
  private var variables: Set<String> = []
  /// Columns of the tables in variables, where signatures tell them.
  private var tables: [String: [String]] = [:]

  public init(signatures: SignatureTable) { self.signatures = signatures }

  /// - Parameters:
  ///   - knownVariables: those that are set before the program runs.
  ///   - givenParameters: parameters with a value from outside; nil where none are asked for yet.
  /// - Returns: all problems with their places, in the order in which they stand.
  public func check(
    _ program: Program, knownVariables: Set<String> = [], givenParameters: Set<String>? = []
  ) -> [Failure] {
    var run = self
    run.variables = knownVariables.union(["_"])
    run.checkParameters(program, given: givenParameters)
    run.check(program.statements)
    let inOrder = run.failures.sorted { a, b in
      guard let a = a.span, let b = b.span else { return b.span != nil }
      return (a.line, a.column) < (b.line, b.column)
    }
    // A name that is missing while the program runs is a mistake in its text when it is found before.
    return inOrder.map { Failure(.usage, $0.message, hint: $0.hint, span: $0.span) }
  }

  /// The columns of the table that a statement's command line or expression yields, where signatures tell them.
  func columns(ofPipeline text: String, _ variableColumns: [String: [String]]) -> [String]? {
    let source = SourceText(text, name: "<prompt>")
    guard let program = try? Parser.parse(source, signatures: signatures) else { return nil }
    var run = self
    run.tables = variableColumns
    run.variables = Set(variableColumns.keys)
    switch program.statements.last?.kind {
    case .value(let expression), .assign(_, let expression): return run.check(expression)
    default: return nil
    }
  }

  private mutating func checkParameters(_ program: Program, given: Set<String>?) {
    var seen = Set<String>()
    for declaration in Interpreter.parameters(of: program) {
      if !seen.insert(declaration.name).inserted {
        failures.append(
          Failure(.usage, "the parameter `\(declaration.name)` is declared twice", span: declaration.span))
      }
      if declaration.fallback == nil, let given, !given.contains(declaration.name) {
        failures.append(declaration.missing)
      }
    }
  }

  // MARK: Statements

  private mutating func check(_ statements: [Statement]) {
    for statement in statements { check(statement) }
  }

  private mutating func check(_ statement: Statement) {
    switch statement.kind {
    case .assign(let name, let value):
      tables[name] = check(value)
      variables.insert(name)
    case .parameter(let declaration):
      if let fallback = declaration.fallback {
        check(fallback)
        checkLiteral(fallback, declaration.type.argumentType, label: declaration.name)
      }
      tables[declaration.name] = nil
      variables.insert(declaration.name)
    case .branch(let branches, let otherwise):
      // A name set in any branch counts as set after it, but what it holds then can't be told.
      let bodies = branches.map(\.body) + [otherwise ?? []]
      let before = tables
      for (index, body) in bodies.enumerated() {
        tables = before
        if index < branches.count { check(branches[index].condition) }
        check(body)
      }
      tables = before
      forgetTables(setIn: bodies.flatMap(\.self))
    case .loop(let name, let sequence, let body):
      check(sequence)
      variables.insert(name)
      // The body may have run before, or not at all.
      tables[name] = nil
      forgetTables(setIn: body)
      check(body)
      forgetTables(setIn: body)
    case .assert(let condition, let message):
      check(condition)
      if let message { check(message) }
    case .value(let expression):
      tables["_"] = check(expression)
    }
  }

  private mutating func forgetTables(setIn statements: [Statement]) {
    tables["_"] = nil
    for statement in statements {
      switch statement.kind {
      case .assign(let name, _): tables[name] = nil
      case .branch(let branches, let otherwise):
        forgetTables(setIn: branches.flatMap(\.body) + (otherwise ?? []))
      case .loop(let name, _, let body):
        tables[name] = nil
        forgetTables(setIn: body)
      case .parameter, .assert, .value: break
      }
    }
  }

  // MARK: Expressions

  /// - Parameter columns: the columns of the row at hand; nil where they are not known or no row is at hand.
  /// - Returns: the columns of the table that the expression yields, where they are known.
  @discardableResult
  private mutating func check(_ expression: Expression, columns: [String]? = nil) -> [String]? {
    switch expression.kind {
    case .variable(let name):
      guard variables.contains(name) else {
        failures.append(Evaluator.unknownVariable(name, known: Array(variables), at: expression.span))
        return nil
      }
      return tables[name]
    case .column(let name):
      if let columns, !columns.contains(name) {
        failures.append(Evaluator.unknownColumn(name, known: columns, at: expression.span))
      }
    case .call(let name, let arguments):
      checkCall(name, arguments, at: expression.span, inRow: columns != nil || expression.namesColumns)
      for argument in arguments { check(argument, columns: columns) }
    case .field(let base, let name):
      if let known = check(base, columns: columns), !known.contains(name) {
        failures.append(Evaluator.unknownColumn(name, known: known, at: expression.span, written: false))
      }
    case .pipeline(let pipeline): return check(pipeline)
    default:
      for child in expression.children { check(child, columns: columns) }
    }
    return nil
  }

  private mutating func checkCall(_ name: String, _ arguments: [Expression], at span: SourceSpan, inRow: Bool) {
    guard let function = FunctionTable.function(name) else {
      failures.append(FunctionTable.unknown(name, at: span))
      return
    }
    // Among columns `count()` counts rows.
    if name == "count", arguments.isEmpty { return }
    if let failure = function.arityFailure(arguments.count, at: span) { failures.append(failure) }
  }

  // MARK: Commands

  private mutating func check(_ pipeline: Pipeline) -> [String]? {
    var columns = pipeline.source.flatMap { check($0) }
    for (index, stage) in pipeline.stages.enumerated() {
      columns = check(stage, isPiped: index > 0 || pipeline.source != nil, columns)
    }
    return columns
  }

  /// - Parameter columns: the columns of the piped table, where they are known.
  /// - Returns: the columns of the command's table, where they are known.
  private mutating func check(_ command: CommandSyntax, isPiped: Bool, _ columns: [String]?) -> [String]? {
    guard let signature = signatures[command.name] else {
      failures.append(Self.unknownCommand(command, signatures: signatures, variables: variables))
      for argument in command.arguments { if let value = argument.value { check(value) } }
      return nil
    }
    if isPiped, signature.input == .nothing { failures.append(Self.pipeRefused(by: signature, at: command.span)) }
    if !isPiped, signature.input == .table { failures.append(Self.pipeNeeded(by: signature, at: command.span)) }
    let binder = Binder(command, to: signature)
    failures += binder.failures
    for (name, arguments) in binder.bound.sorted(by: { $0.key < $1.key }) {
      for argument in arguments {
        guard let value = argument.value else { continue }
        if argument.type == .rowExpression {
          check(value, columns: columns ?? (value.namesColumns ? nil : []))
        } else {
          check(value)
          checkLiteral(value, argument.type, label: argument.label)
        }
        if argument.type == .column, let columns { checkColumns(value, columns, name) }
      }
    }
    return resultColumns(of: signature, binder, columns)
  }

  private mutating func checkLiteral(_ expression: Expression, _ type: ArgumentType, label: String) {
    guard let text = expression.plainText else { return }
    do throws(Failure) {
      _ = try ArgumentConversion.convert(
        .string(text), isBareword: expression.plainWord != nil, to: type, label: label)
    } catch {
      failures.append(error.located(at: expression.span))
    }
  }

  private mutating func checkColumns(_ expression: Expression, _ known: [String], _ argument: String) {
    guard let text = expression.plainText else { return }
    for name in text.split(separator: ",").map(String.init) where !known.contains(name) {
      failures.append(Evaluator.unknownColumn(name, known: known, at: expression.span, written: false))
    }
  }

  private func resultColumns(of signature: Signature, _ binder: Binder, _ columns: [String]?) -> [String]? {
    switch signature.result {
    case .table(let declared): return declared.isEmpty ? nil : declared.map(\.name)
    case .input: return columns
    case .selected(let argument):
      var names: [String] = []
      for bound in binder.bound[argument] ?? [] {
        guard let text = bound.value?.plainText else { return nil }
        names += text.split(separator: ",").map(String.init)
      }
      return names
    case .nothing, .record, .report, .value, .any: return nil
    }
  }

  // MARK: Failures that the interpreter finds as well

  static func unknownCommand(
    _ command: CommandSyntax, signatures: SignatureTable, variables: Set<String>
  ) -> Failure {
    let name = command.name
    let hint: String
    if variables.contains(name) {
      hint = "the variable is written `$\(name)`"
    } else if command.arguments.first?.value?.plainWord?.hasPrefix("=") == true {
      hint = "a variable is set by `let \(name) = …`"
    } else if let near = signatures.suggestion(for: name) {
      hint = "did you mean `\(near)`?"
    } else {
      hint =
        command.arguments.isEmpty ? "text is written '\(name)'; `help` lists the commands" : "`help` lists the commands"
    }
    return Failure(.usage, "there is no command `\(command.name)`", hint: hint, span: command.span)
  }

  static func pipeRefused(by signature: Signature, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "\(signature.name) takes nothing from the pipe", hint: "usage: \(signature.usage)", span: span)
  }

  static func pipeNeeded(by signature: Signature, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "\(signature.name) needs a table from the pipe", hint: "usage: … | \(signature.usage)", span: span)
  }
}
