import Base

/// Checks pipelines and commands, and derives the columns of their results.
extension Checker {
  mutating func check(_ pipeline: Pipeline) -> StaticType {
    var type = pipeline.source.map { check($0) }
    for stage in pipeline.stages { type = check(stage, input: type) }
    if let file = pipeline.file {
      check(file)
      checkLiteral(file, .path, label: "the file after `>`")
      return .unknown
    }
    return type ?? .unknown
  }

  /// - Parameter input: the type of the piped value; nil where nothing is piped.
  private mutating func check(_ command: CommandSyntax, input: StaticType?) -> StaticType {
    if let probe, command.name == probe.command {
      probe.meet(variables: variables, definitions: definitions, input: input)
      return .unknown
    }
    if signatures[command.name] == nil, let definition = definitions[command.name] {
      return check(call: definition, command, input: input)
    }
    guard let signature = signatures[command.name] else {
      let table = signatures.adding(definitions.values.map(\.signature))
      failures.append(
        Self.unknownCommand(command, signatures: table, variables: Set(variables.keys), object: objects?[command.name]))
      for argument in command.arguments { if let value = argument.value { check(value) } }
      return .unknown
    }
    checkInput(input, of: signature, at: command.span)
    let binder = Binder(command, to: signature)
    failures += binder.failures
    var types: [String: [StaticType]] = [:]
    for (name, arguments) in binder.bound.sorted(by: { $0.key < $1.key }) {
      for argument in arguments {
        guard let value = argument.value else { continue }
        let isMetric = signature.mayNameMetric(name, of: input?.columns?.map(\.name) ?? [])
        types[name, default: []].append(check(argument, value, input, isMetric: isMetric))
      }
    }
    if case .renamed(let from, _) = signature.result, input != nil {
      for argument in binder.bound[from] ?? [] {
        if let value = argument.value { checkColumns(value, input?.columns) }
      }
    } else {
      checkObjects(of: binder)
    }
    checkRowExpressions(binder, input)
    return result(of: signature, binder, types, input)
  }

  private mutating func checkInput(_ input: StaticType?, of signature: Signature, at span: SourceSpan) {
    switch (signature.input, input) {
    case (.nothing, .some): failures.append(Self.pipeRefused(by: signature, at: span))
    case (.table, nil): failures.append(Self.pipeNeeded(by: signature, at: span))
    case (.table, .some(let type)):
      if let what = type.notATable {
        failures.append(
          Failure(
            .usage, "\(signature.name) needs a table from the pipe, not \(what)",
            hint: signature.usageHint(afterPipe: true), span: span))
      }
    default: break
    }
  }

  private mutating func check(
    _ argument: Binder.Bound, _ value: Expression, _ input: StaticType?, isMetric: Bool
  ) -> StaticType {
    if argument.type == .rowExpression {
      let grouped: [StaticType.Field]? = if case .grouped(_, let columns)? = input { columns } else { nil }
      let columns = input?.columns ?? grouped
      let row: Row = columns.map(Row.columns) ?? (value.namesColumns ? .unknown : .columns([]))
      return check(value, row: row)
    }
    var type = check(value)
    if argument.type == .value, let word = value.plainWord { type = StaticType(of: Literal.value(of: word)) }
    checkLiteral(value, argument.type, label: argument.label)
    if argument.type == .column, !isMetric { checkColumns(value, input?.columns) }
    return type
  }

  /// Checks that a condition is a truth value, and that a summary has one value for all rows.
  private mutating func checkRowExpressions(_ binder: Binder, _ input: StaticType?) {
    guard case .input = binder.signature.result,
      let target = binder.signature.positional.first(where: { $0.type == .rowExpression && !$0.isRepeating }),
      let value = binder.bound[target.name]?.first?.value
    else { return }
    var quiet = self
    let row: Row = (input?.columns).map(Row.columns) ?? .unknown
    switch quiet.check(value, row: row) {
    case .number, .text: failures.append(Evaluator.notACondition(Printer.print(value), at: value.span))
    default: break
    }
  }

  mutating func checkLiteral(_ expression: Expression, _ type: ArgumentType, label: String) {
    guard let text = expression.plainText else { return }
    do throws(Failure) {
      _ = try ArgumentConversion.convert(
        .string(text), isBareword: expression.plainWord != nil, to: type, label: label)
    } catch {
      failures.append(error.located(at: expression.span))
    }
  }

  private mutating func checkColumns(_ expression: Expression, _ known: [StaticType.Field]?) {
    guard let known = known?.map(\.name), let text = expression.plainText else { return }
    for name in text.split(separator: ",").map(String.init) where !known.contains(name) {
      failures.append(Evaluator.unknownColumn(name, known: known, at: expression.span, written: false))
    }
  }

  // MARK: Results

  private mutating func result(
    of signature: Signature, _ binder: Binder, _ types: [String: [StaticType]], _ input: StaticType?
  ) -> StaticType {
    let columns = input?.columns
    if !signature.tables.isEmpty {
      guard let declared = declared(signature, binder), !declared.isEmpty, let present = present(declared, binder)
      else { return .unknown }
      return .table(present.map { field($0) })
    }
    switch signature.result {
    case .input: return columns.map(StaticType.table) ?? input ?? .unknown
    case .selected(let argument):
      guard let names = names(in: argument, binder) else { return .unknown }
      return .table(names.map { column($0, columns) })
    case .renamed(let from, let to):
      guard input != nil, let columns, let from = names(in: from, binder)?.first, let to = names(in: to, binder)?.first
      else { return .unknown }
      return .table(columns.map { $0.name == from ? .init(name: to, type: $0.type) : $0 })
    case .grouped(let argument):
      guard let keys = names(in: argument, binder), let columns else { return .unknown }
      return .grouped(keys: keys, columns)
    case .summary(let expressions, let groups):
      return summary(binder, expressions, by: groups, types[expressions] ?? [], input)
    case .joined(let other, let keys):
      return joined(columns, types[other]?.first ?? .unknown, binder, on: keys)
    case .counted(let argument):
      guard let bound = binder.bound[argument], !bound.isEmpty else { return .number(.none) }
      guard let names = names(in: argument, binder) else { return .unknown }
      let count = TableOperations.free("count", among: names)
      return .table(names.map { column($0, columns) } + [.init(name: count, type: .number(.none))])
    case .nothing, .record, .report, .value, .any, .table: return .unknown
    }
  }

  /// The columns of the first variant whose conditions hold, else the standard ones. Nil where there are none, or where the
  /// value of a flag that decides is not a literal.
  private func declared(_ signature: Signature, _ binder: Binder) -> [ColumnSignature]? {
    for variant in signature.variants {
      var holds = true
      for condition in variant.conditions {
        switch condition {
        case .given(let name): holds = holds && binder.bound[name]?.isEmpty == false
        case .missing(let name): holds = holds && binder.bound[name]?.isEmpty != false
        case .says(let flag, let value):
          guard let given = binder.bound[flag]?.first else {
            holds = holds && signature.flag(named: flag)?.fallback?.plainText == value
            continue
          }
          guard let text = given.value?.plainText else { return nil }
          holds = holds && text == value
        }
      }
      if holds { return variant.columns }
    }
    guard case .table(let standard) = signature.result else { return nil }
    return standard
  }

  /// The declared columns that the given flags select; nil where a flag's value is not a literal.
  private func present(_ columns: [ColumnSignature], _ binder: Binder) -> [ColumnSignature]? {
    var present: [ColumnSignature] = []
    for column in columns {
      if let choice = column.chosenBy {
        let given = binder.bound[choice.flag]?.first
        if let given, given.value?.plainText == nil { return nil }
        guard choice.includes(column.name, given: given?.value?.plainText) else { continue }
      }
      present.append(column)
    }
    return present
  }

  private func field(_ column: ColumnSignature) -> StaticType.Field {
    .init(name: column.name, type: StaticType(column))
  }

  private func column(_ name: String, _ columns: [StaticType.Field]?) -> StaticType.Field {
    columns?.first { $0.name == name } ?? .init(name: name, type: .unknown)
  }

  /// The names that an argument lists; nil where they are not literals.
  private func names(in argument: String, _ binder: Binder) -> [String]? {
    var names: [String] = []
    for bound in binder.bound[argument] ?? [] {
      guard let text = bound.value?.plainText else { return nil }
      names += text.split(separator: ",").map(String.init)
    }
    return names
  }

  private func summary(
    _ binder: Binder, _ argument: String, by groups: String, _ types: [StaticType], _ input: StaticType?
  ) -> StaticType {
    guard let more = names(in: groups, binder), let input else { return .unknown }
    let keys: [String]
    let columns: [StaticType.Field]?
    switch input {
    case .grouped(let names, let grouped): (keys, columns) = (names + more, grouped)
    case .unknown: return .unknown
    default: (keys, columns) = (more, input.columns)
    }
    var result = keys.map { column($0, columns) }
    for (bound, type) in zip(binder.bound[argument] ?? [], types) {
      guard let expression = bound.value else { return .unknown }
      let name = TableOperations.summaryName(of: expression)
      switch type {
      case .unknown: return .unknown
      case .record(let fields):
        for field in fields {
          let free = TableOperations.free("\(name)_\(field.name)", among: result.map(\.name))
          result.append(.init(name: free, type: field.type))
        }
      default: result.append(.init(name: TableOperations.free(name, among: result.map(\.name)), type: type))
      }
    }
    return .table(result)
  }

  private mutating func joined(
    _ columns: [StaticType.Field]?, _ other: StaticType, _ binder: Binder, on argument: String
  ) -> StaticType {
    let others = other.columns
    for bound in binder.bound[argument] ?? [] {
      guard let others, let text = bound.value?.plainText else { continue }
      for name in text.split(separator: ",").map(String.init) where !others.contains(where: { $0.name == name }) {
        failures.append(TableOperations.missingPartner(name, known: others.map(\.name), at: bound.span))
      }
    }
    guard let columns, let others, let keys = names(in: argument, binder) else { return .unknown }
    var result = columns
    for field in others where !keys.contains(field.name) {
      let free = TableOperations.free(field.name, among: result.map(\.name))
      result.append(.init(name: free, type: field.type))
    }
    return .table(result)
  }

  // MARK: Failures that the interpreter reports as well

  static func unknownCommand(
    _ command: CommandSyntax, signatures: SignatureTable, variables: Set<String>, object: NamedObject? = nil
  ) -> Failure {
    let name = command.name
    let hint: String
    if variables.contains(name) {
      hint = "write the variable as `$\(name)`"
    } else if let object {
      hint = "it is the name of \(object.kind.map { "a \($0)" } ?? "an object"): `show \(name)` shows it"
    } else if command.arguments.first?.value?.plainWord?.hasPrefix("=") == true {
      hint = "set a variable with `let \(name) = …`"
    } else if let near = signatures.suggestion(for: name, or: Parser.keywords + ["else"]) {
      hint = "did you mean `\(near)`?"
    } else {
      hint = "`help` lists the commands" + (command.arguments.isEmpty ? "; text is written in quotes: '\(name)'" : "")
    }
    return Failure(.usage, "there is no command `\(command.name)`", hint: hint, span: command.span)
  }

  static func pipeRefused(by signature: Signature, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "\(signature.name) takes no input from a pipe", hint: signature.usageHint(), span: span)
  }

  static func pipeNeeded(by signature: Signature, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "\(signature.name) needs a table from the pipe", hint: signature.usageHint(afterPipe: true), span: span)
  }
}
