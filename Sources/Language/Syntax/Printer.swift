import Base

/// Writes a program as text from which the parser reads the same program, except for positions.
public struct Printer {
  private var out = ""
  private var indentation = 0
  /// Whether a block follows: a record then needs brackets, because its `{` would begin the block.
  private var beforeBlock = false

  public static func print(_ program: Program) -> String {
    var printer = Printer()
    if let version = program.version { printer.out += "vcsh \(version)\n" }
    printer.statements(program.statements)
    return printer.out
  }

  public static func print(_ expression: Expression) -> String {
    var printer = Printer()
    printer.value(expression)
    return printer.out
  }

  static func print(_ command: CommandSyntax) -> String {
    var printer = Printer()
    printer.command(command)
    return printer.out
  }

  // MARK: Statements

  private mutating func statements(_ statements: [Statement]) {
    for statement in statements {
      out += String(repeating: "  ", count: indentation)
      self.statement(statement)
      out += "\n"
    }
  }

  private mutating func statement(_ statement: Statement) {
    switch statement.kind {
    case .assign(let name, let value):
      out += "let \(name) = "
      self.value(value)
    case .parameter(let declaration):
      parameter(declaration)
    case .define(let definition): define(definition)
    case .source(let path, _, let given):
      let isWord = path.first?.startsWord == true && path.allSatisfy(\.continuesWord)
      out += (given == nil ? "source " : "run ") + (isWord ? path : Self.quoted(path))
      for argument in given ?? [] {
        out += " --\(argument.flag ?? "")="
        if let value = argument.value { self.argument(value) }
      }
    case .branch(let branches, let otherwise):
      for (index, branch) in branches.enumerated() {
        out += index == 0 ? "if " : " else if "
        head(branch.condition)
        block(branch.body)
      }
      if let otherwise {
        out += " else"
        block(otherwise)
      }
    case .loop(let name, let sequence, let body):
      out += "for \(name) in "
      head(sequence)
      block(body)
    case .assert(let condition, let message):
      out += "assert "
      // A command would read the message as an argument.
      if case .pipeline = condition.kind { bracketed(condition) } else { value(condition) }
      if let message {
        out += " "
        expression(message)
      }
    case .value(let value):
      self.value(value)
    }
  }

  private mutating func parameter(_ declaration: ParameterDeclaration) {
    out += "param \(declaration.name): \(declaration.type.rawValue)"
    if let fallback = declaration.fallback {
      out += " = "
      argument(fallback)
    }
    if let help = declaration.help { out += " " + Self.quoted(help) }
  }

  private mutating func define(_ definition: Definition) {
    out += "def \(definition.name)("
    for (index, argument) in definition.arguments.enumerated() {
      out += (index > 0 ? ", " : "") + "\(argument.name): \(argument.kind.rawValue)"
      guard let fallback = argument.fallback else { continue }
      out += " = "
      element(fallback)
    }
    out += ")"
    block(definition.body)
  }

  private mutating func head(_ expression: Expression) {
    beforeBlock = true
    value(expression)
    beforeBlock = false
  }

  private mutating func block(_ body: [Statement]) {
    out += " {\n"
    indentation += 1
    statements(body)
    indentation -= 1
    out += String(repeating: "  ", count: indentation) + "}"
  }

  // MARK: Pipelines

  private mutating func value(_ expression: Expression) {
    if case .pipeline(let pipeline) = expression.kind {
      self.pipeline(pipeline)
    } else {
      self.expression(expression)
    }
  }

  private mutating func pipeline(_ pipeline: Pipeline) {
    if let source = pipeline.source {
      expression(source)
      if !pipeline.stages.isEmpty { out += " | " }
    }
    for (index, stage) in pipeline.stages.enumerated() {
      if index > 0 { out += " | " }
      command(stage)
    }
    if let file = pipeline.file {
      out += " > "
      argument(file)
    }
  }

  private mutating func command(_ command: CommandSyntax) {
    out += command.name
    let isAlone = command.arguments.count { $0.flag == nil } == 1
    for argument in command.arguments {
      out += " "
      if let flag = argument.flag {
        out += "--\(flag)"
        guard argument.value != nil else { continue }
        out += "="
      }
      guard let value = argument.value else { continue }
      let isCall = if case .call = value.kind { true } else { false }
      if argument.flag == nil, isAlone || isCall, value.namesColumns {
        self.expression(value)
      } else {
        self.argument(value)
      }
    }
  }

  private mutating func argument(_ value: Expression) {
    switch value.kind {
    case .word(let parts): word(parts)
    case .text, .list, .variable: expression(value)
    case .field, .index:
      if value.isPath { expression(value) } else { bracketed(value) }
    default: bracketed(value)
    }
  }

  private mutating func word(_ parts: [Expression.TextPart]) {
    for (index, part) in parts.enumerated() {
      switch part {
      case .text(let text): out += text
      case .value(let value):
        let next: Character? =
          if index + 1 < parts.count, case .text(let text) = parts[index + 1] { text.first } else { nil }
        // `$a` would continue over a following name character, dot or bracket.
        let readsOn = next.map { $0.continuesName || $0 == "." } ?? false
        if value.isPath, !readsOn { expression(value) } else { interpolated(value) }
      }
    }
  }

  private mutating func interpolated(_ value: Expression) {
    let outer = beforeBlock
    beforeBlock = false
    out += "${"
    if case .variable(let name) = value.kind {
      out += name
    } else if case .pipeline(let pipeline) = value.kind, pipeline.source == nil {
      // A word alone would be read as a variable.
      bracketed(value)
    } else {
      self.value(value)
    }
    out += "}"
    beforeBlock = outer
  }

  private mutating func bracketed(_ value: Expression) {
    let outer = beforeBlock
    beforeBlock = false
    out += "("
    self.value(value)
    out += ")"
    beforeBlock = outer
  }

  // MARK: Expressions

  /// - Parameter minimum: an operator of lower precedence gets brackets.
  private mutating func expression(_ expression: Expression, _ minimum: Int = 1) {
    switch expression.kind {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .int(let value): out += String(value)
    case .double(let value): out += NumberText.exact(value)
    case .quantity(let number, let unit):
      self.expression(number)
      out += " " + unit
    case .text(let parts): text(parts)
    case .word(let parts): word(parts)
    case .variable(let name): out += "$" + name
    case .column(let name): out += name
    case .list(let elements): sequence("[", elements, "]")
    case .call(let name, let arguments): sequence(name + "(", arguments, ")")
    case .record: beforeBlock ? bracketed(expression) : record(expression)
    case .field(let base, let name):
      postfixBase(base)
      out += "." + name
    case .index(let base, let index):
      postfixBase(base)
      sequence("[", [index], "]")
    case .unary(let operation, let operand):
      guard operation.precedence >= minimum else { return bracketed(expression) }
      out += operation == .not ? "not " : "-"
      // Two minus signs in a row would begin a flag.
      if operation == .negate, case .unary(.negate, _) = operand.kind {
        bracketed(operand)
      } else {
        self.expression(operand, operation.precedence)
      }
    case .binary(let operation, let left, let right):
      binary(expression, operation, left, right, minimum)
    case .pipeline: bracketed(expression)
    }
  }

  private mutating func binary(
    _ whole: Expression, _ operation: BinaryOperator, _ left: Expression, _ right: Expression, _ minimum: Int
  ) {
    let precedence = operation.precedence
    guard precedence >= minimum else { return bracketed(whole) }
    let compares = precedence == BinaryOperator.equal.precedence
    // All operators except the power are left-associative; comparisons can't be chained.
    expression(left, operation == .power || compares ? precedence + 1 : precedence)
    out += " \(operation.rawValue) "
    expression(right, operation == .power ? precedence : precedence + 1)
  }

  private mutating func postfixBase(_ base: Expression) {
    switch base.kind {
    case .variable, .call, .field, .index, .list, .record: expression(base)
    default: bracketed(base)
    }
  }

  private mutating func sequence(_ open: String, _ elements: [Expression], _ close: String) {
    let outer = beforeBlock
    beforeBlock = false
    out += open
    for (index, element) in elements.enumerated() {
      if index > 0 { out += ", " }
      if open == "[" { self.element(element) } else { expression(element) }
    }
    out += close
    beforeBlock = outer
  }

  /// Writes an element of a list or record, where a bare name would be read as text.
  private mutating func element(_ element: Expression) {
    element.beginsWithColumn ? bracketed(element) : expression(element)
  }

  private mutating func record(_ expression: Expression) {
    guard case .record(let fields) = expression.kind else { return }
    out += "{"
    for (index, field) in fields.enumerated() {
      if index > 0 { out += ", " }
      let isName = field.name.first?.startsName == true && field.name.allSatisfy(\.continuesName)
      out += (isName ? field.name : Self.quoted(field.name)) + ": "
      self.element(field.value)
    }
    out += "}"
  }

  private mutating func text(_ parts: [Expression.TextPart]) {
    out += "\""
    for (index, part) in parts.enumerated() {
      switch part {
      case .text(let text): out += Self.escaped(text)
      case .value(let value):
        let next: Character? =
          if index + 1 < parts.count, case .text(let text) = parts[index + 1] { text.first } else { nil }
        if case .variable(let name) = value.kind, next?.continuesName != true {
          out += "$" + name
        } else {
          interpolated(value)
        }
      }
    }
    out += "\""
  }

  /// The text as a quoted string without interpolation.
  public static func quoted(_ text: String) -> String { "\"" + escaped(text) + "\"" }

  private static func escaped(_ text: String) -> String {
    let pieces = text.map(escaped)
    let joined = pieces.joined()
    // A combining mark must not merge with the quote or escape before it.
    if ("\"" + joined + "\"").count == pieces.reduce(2, { $0 + $1.count }) { return joined }
    return text.unicodeScalars.map { $0.isASCII ? escaped(Character($0)) : escapedByCode($0) }.joined()
  }

  private static func escaped(_ character: Character) -> String {
    switch character {
    case "\\": return "\\\\"
    case "\"": return "\\\""
    case "$": return "\\$"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\r\n": return "\\r\\n"
    case "\t": return "\\t"
    default:
      guard let scalar = character.unicodeScalars.first, scalar.properties.generalCategory == .control else {
        return String(character)
      }
      return escapedByCode(scalar)
    }
  }

  private static func escapedByCode(_ scalar: Unicode.Scalar) -> String {
    "\\u{\(String(scalar.value, radix: 16))}"
  }
}

extension Expression {
  /// Whether it is a variable, or a field or element of one: inside a word it needs no brackets.
  var isPath: Bool {
    switch kind {
    case .variable: true
    case .field(let base, _): base.isPath
    case .index(let base, _): base.isPath
    default: false
    }
  }

  /// Whether it starts with a bare name, which a list or record would read as text.
  var beginsWithColumn: Bool {
    switch kind {
    case .column: true
    case .binary(_, let base, _): base.beginsWithColumn
    default: false
    }
  }

  /// Whether it reads a column of the current row.
  var namesColumns: Bool {
    if case .column = kind { return true }
    if case .pipeline = kind { return false }
    return children.contains(where: \.namesColumns)
  }
}
