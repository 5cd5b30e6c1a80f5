import Base

/// Finds problems in a program before any of it runs.
public struct Checker {
  let signatures: SignatureTable
  var failures: [Failure] = []
  /// Types of the variables that are set so far.
  var variables: [String: StaticType] = [:]
  /// The objects that exist so far, by name; nil where they are not known.
  var objects: [String: NamedObject]?
  /// Whether there may be further objects with unknown names.
  var mayHaveOtherObjects = false
  /// All definitions of the program and of the session.
  var definitions: [String: Definition] = [:]
  /// The definitions above the current statement, and those of the session.
  var defined: Set<String> = []
  /// Problems of definitions that every call has.
  var failuresOfDefinitions: [String: [Failure]] = [:]
  /// Names that any statement of the program makes: a definition may use them, as it is called later.
  var objectsOfProgram = ObjectNames()
  /// How many more calls of definitions are checked in depth, and the depth of the current one.
  var callsLeft = 200
  var callDepth = 0
  /// Number of blocks around the current statement.
  var blockDepth = 0
  /// Records what is known at the cursor, for completion; nil otherwise.
  var probe: (any CheckerProbe)?

  public init(signatures: SignatureTable) { self.signatures = signatures }

  /// - Parameters:
  ///   - knownVariables: variables that are set before the program runs.
  ///   - givenParameters: parameters with a value from outside; nil where none is required yet.
  /// - Returns: all problems with their places, in the order of the text.
  public func check(
    _ program: Program, knownVariables: Set<String> = [], givenParameters: Set<String>? = []
  ) -> [Failure] {
    check(program, in: Surroundings(knownVariables: knownVariables), givenParameters: givenParameters)
  }

  /// - Parameters:
  ///   - surroundings: what exists before the program runs.
  ///   - givenParameters: parameters with a value from outside; nil where none is required yet.
  /// - Returns: all problems with their places, in the order of the text.
  public func check(
    _ program: Program, in surroundings: Surroundings, givenParameters: Set<String>? = []
  ) -> [Failure] {
    var run = entering(surroundings)
    for definition in program.definitions { run.definitions[definition.name] = definition }
    run.objectsOfProgram = run.names(madeBy: program.statements)
    run.checkParameters(program, given: givenParameters)
    run.check(program.statements)
    // By file in the order of their first problem, then by place.
    var sources: [String: Int] = [:]
    for failure in run.failures {
      if let name = failure.span?.source, sources[name] == nil { sources[name] = sources.count }
    }
    func key(_ failure: Failure) -> (Int, Int, Int) {
      failure.span.map { (sources[$0.source] ?? 0, $0.line, $0.column) } ?? (.max, 0, 0)
    }
    // Found before the run, a missing name is a mistake in the text: a usage failure.
    return run.failures.sorted { key($0) < key($1) }.map {
      Failure(.usage, $0.message, hint: $0.hint, span: $0.span)
    }
  }

  func entering(_ surroundings: Surroundings) -> Checker {
    var run = self
    run.variables = surroundings.variables
    if run.variables["_"] == nil { run.variables["_"] = .unknown }
    run.definitions = surroundings.definitions
    run.defined = Set(surroundings.definitions.keys)
    run.objects = surroundings.objects.map { objects in
      Dictionary(objects.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
    return run
  }

  private mutating func checkParameters(_ program: Program, given: Set<String>?) {
    var seen = Set<String>()
    for declaration in program.parameters {
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

  mutating func check(_ statements: [Statement]) {
    for statement in statements { check(statement) }
  }

  private mutating func check(_ statement: Statement) {
    switch statement.kind {
    case .assign(let name, let value): variables[name] = check(value).stored
    case .parameter(let declaration):
      if let fallback = declaration.fallback {
        check(fallback)
        check(fallback, for: declaration)
      }
      variables[declaration.name] = StaticType(declaration.type)
    case .define(let definition): check(definition)
    case .source(_, let program, nil): check(program?.statements ?? [])
    case .source(_, let program, let given?): check(run: program, given, at: statement.span)
    case .branch(let branches, let otherwise): check(branches, otherwise)
    case .loop(let name, let sequence, let body): check(loop: name, over: sequence, body)
    case .assert(let condition, let message):
      check(condition: condition)
      if let message { check(message) }
    case .value(let expression): variables["_"] = check(expression).stored
    }
  }

  /// `run FILE --NAME VALUE`; the parser has checked the names.
  private mutating func check(run program: Program?, _ given: [ArgumentSyntax], at span: SourceSpan) {
    let declarations = program?.parameters ?? []
    for argument in given {
      guard let value = argument.value else { continue }
      check(value)
      guard let declaration = declarations.first(where: { $0.name == argument.flag }) else { continue }
      check(value, for: declaration)
    }
    for declaration in declarations where declaration.fallback == nil {
      if !given.contains(where: { $0.flag == declaration.name }) {
        failures.append(Failure(.usage, declaration.missing.message, hint: declaration.missing.hint, span: span))
      }
    }
    // The same recipe may run several times.
    for definition in program?.definitions ?? [] { failuresOfDefinitions[definition.name] = nil }
    check(program?.statements ?? [])
  }

  /// Checks a parameter's value where it is a literal, or a list of them.
  private mutating func check(_ value: Expression, for declaration: ParameterDeclaration) {
    guard let element = declaration.type.element, case .list(let values) = value.kind else {
      return checkLiteral(value, declaration.type.argumentType, label: declaration.name)
    }
    for value in values { checkLiteral(value, element.argumentType, label: "an element of \(declaration.name)") }
  }

  private mutating func check(_ branches: [Statement.Branch], _ otherwise: [Statement]?) {
    let before = variables
    var ends: [[String: StaticType]] = otherwise == nil ? [before] : []
    blockDepth += 1
    for branch in branches {
      variables = before
      check(condition: branch.condition)
      check(branch.body)
      ends.append(variables)
    }
    if let otherwise {
      variables = before
      check(otherwise)
      ends.append(variables)
    }
    blockDepth -= 1
    // A name that any branch sets is set afterwards; its type is known only if it is the same in all branches.
    variables = [:]
    for name in Set(ends.flatMap(\.keys)) {
      let types = ends.map { $0[name] }
      variables[name] = types.allSatisfy { $0 == types[0] } ? types[0] ?? .unknown : .unknown
    }
  }

  private mutating func check(loop name: String, over sequence: Expression, _ body: [Statement]) {
    let type = check(sequence)
    switch type {
    case .number, .text, .truth, .record, .grouped:
      failures.append(Self.notASequence(type.notATable ?? "this", at: sequence.span))
    default: break
    }
    // The body may have run before, or not at all.
    forget(Self.namesSet(in: body))
    variables[name] = type.element.stored
    adopt(names(madeBy: body))
    blockDepth += 1
    check(body)
    blockDepth -= 1
    forget(Self.namesSet(in: body))
    variables[name] = type.element.stored
  }

  /// The failure of a loop over a value without elements.
  static func notASequence(_ phrase: String, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "`for` needs a list or a table, not \(phrase)", hint: "write `for x in [a, b] { … }`", span: span)
  }

  private mutating func forget(_ names: Set<String>) {
    variables["_"] = .unknown
    for name in names where variables[name] != nil { variables[name] = .unknown }
  }

  private static func namesSet(in statements: [Statement]) -> Set<String> {
    var names: Set<String> = []
    for statement in statements {
      switch statement.kind {
      case .assign(let name, _): names.insert(name)
      case .branch(let branches, let otherwise):
        names.formUnion(namesSet(in: branches.flatMap(\.body) + (otherwise ?? [])))
      case .loop(let name, _, let body): names.formUnion(namesSet(in: body).union([name]))
      case .parameter, .assert, .value, .define, .source: break
      }
    }
    return names
  }
}
