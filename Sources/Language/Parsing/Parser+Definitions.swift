import Base

/// Parses `def NAME(a, b: type = default) { … }` and `source FILE`.
extension Parser {
  mutating func definition() throws -> Definition {
    let name = try declaredName(after: "def")
    let span = lexer.span(from: lexer.position - name.count)
    guard nesting == 0 else {
      throw Failure(
        .usage, "definitions can't be inside a block", hint: "move `def \(name)` to the top of the file", span: span)
    }
    lexer.skipBlanks(lines: false)
    let open = lexer.position
    guard lexer.take("(") else {
      throw unexpected("where `(` is expected", hint: "write `def \(name)(a, b = 3) { … }`")
    }
    let arguments = try nested(at: open) { parser in
      parser.context = Context(joinsLines: true)
      return try parser.sequence(until: ")", opened: "(", at: open) { try $0.definedArgument() }
    }
    try checkOrder(arguments)
    // The name is known in its own body and in all following statements.
    signatures.add(Definition.signature(name, arguments))
    return Definition(name, arguments, body: try block(after: "def"), at: span)
  }

  private mutating func definedArgument() throws -> Definition.Argument {
    lexer.skipBlanks(lines: true)
    let start = lexer.position
    let name = try declaredName(after: "(")
    let span = lexer.span(from: start)
    var kind: Definition.ArgumentKind?
    lexer.skipBlanks(lines: true)
    if lexer.take(":") { kind = try argumentKind() }
    lexer.skipBlanks(lines: true)
    guard lexer.take("=") else { return Definition.Argument(name, kind ?? .any, at: span) }
    let fallback = try element()
    return Definition.Argument(name, kind ?? Self.kind(of: fallback), fallback: fallback, at: span)
  }

  private mutating func argumentKind() throws -> Definition.ArgumentKind {
    lexer.skipBlanks(lines: true)
    let start = lexer.position
    let name = lexer.takeName()
    guard let kind = Definition.ArgumentKind(rawValue: name) else {
      let names = Definition.ArgumentKind.allCases.map(\.rawValue)
      throw Failure(
        .usage, name.isEmpty ? "a type is expected after `:`" : "`\(name)` is not a type of an argument",
        hint: Suggestion.hint(for: name, among: names) ?? "types are \(names.joined(separator: ", "))",
        span: name.isEmpty ? lexer.span(start..<start + 1) : lexer.span(from: start))
    }
    return kind
  }

  private static func kind(of fallback: Expression) -> Definition.ArgumentKind {
    switch fallback.kind {
    case .int: .int
    case .double: .float
    case .bool: .bool
    case .text, .word: .string
    case .unary(.negate, let operand): kind(of: operand)
    default: .any
    }
  }

  private func checkOrder(_ arguments: [Definition.Argument]) throws {
    var seen: Set<String> = []
    var optional: String?
    for argument in arguments {
      guard seen.insert(argument.name).inserted else {
        throw Failure(.usage, "the argument `\(argument.name)` is declared twice", span: argument.place.span)
      }
      if argument.fallback != nil {
        optional = argument.name
      } else if let optional {
        throw Failure(
          .usage, "`\(argument.name)` has no default but follows `\(optional)`, which has one",
          hint: "put arguments with defaults last", span: argument.place.span)
      }
    }
  }

  /// Parses `source FILE`. The file is read now, so that all of it is checked before anything runs.
  mutating func sourced(from start: Int) throws -> Statement.Kind {
    guard nesting == 0 else {
      throw Failure(
        .usage, "`source` can't be inside a block", hint: "move `source` to the top of the file",
        span: lexer.span(from: start))
    }
    lexer.skipBlanks(lines: false)
    guard let first = lexer.current, !first.endsLine, first != ";" else {
      throw unexpected("where a file is expected after `source`", hint: "write `source FILE`")
    }
    let argument = try argument()
    guard let path = argument.plainText, !path.isEmpty else {
      throw Failure(
        .usage, "the file's name must be plain text",
        hint: "the file is read before anything runs: write `source FILE`",
        span: argument.span)
    }
    guard let sourcing else {
      throw Failure(.usage, "no file can be sourced here", span: argument.span)
    }
    do {
      return .source(path: path, try program(at: path, sourcing))
    } catch let failure as Failure {
      throw failure.located(at: argument.span)
    }
  }

  /// Parses `run FILE --NAME VALUE …`, which gives a recipe its parameters. The file is read now, as for `source`.
  mutating func recipeRun(from start: Int) throws -> Statement.Kind {
    lexer.skipBlanks(lines: false)
    guard let first = lexer.current, !first.endsLine, first != ";" else {
      throw unexpected("where a recipe is expected after `run`", hint: "write `run RECIPE.vc --NAME VALUE`")
    }
    let file = try argument()
    guard let path = file.plainText, !path.isEmpty, let sourcing else {
      throw Failure(
        .usage, "`run` needs the name of a file as plain text", hint: "write `run RECIPE.vc --NAME VALUE`",
        span: file.span)
    }
    let read: Program?
    do {
      read = try program(at: path, sourcing, again: true)
    } catch let failure as Failure {
      throw failure.located(at: file.span)
    }
    guard let read, nesting == 0 || read.definitions.isEmpty else {
      throw Failure(
        .usage, "\(path) defines commands, so it can't run inside a block", hint: "move `run` out of the block",
        span: file.span)
    }
    var given: [ArgumentSyntax] = []
    while lexer.skipBlanks(lines: false, if: { !$0.endsLine && !"|;)}>".contains($0) }) {
      given.append(try givenParameter(of: path, read.parameters, besides: given))
    }
    return .source(path: path, read, given: given)
  }

  private mutating func givenParameter(
    of path: String, _ declarations: [ParameterDeclaration], besides given: [ArgumentSyntax]
  ) throws -> ArgumentSyntax {
    guard lexer.startsFlag else {
      throw unexpected("after `run \(path)`", hint: "parameters are given as --NAME VALUE")
    }
    let start = lexer.position
    lexer.position += 2
    let name = lexer.take(while: \.continuesCommand).replacing("-", with: "_")
    let span = lexer.span(from: start)
    let names = declarations.map(\.name)
    guard let declaration = declarations.first(where: { $0.name == name }) else {
      throw Failure(
        .usage, "\(path) has no parameter --\(name)",
        hint: Suggestion.best(for: name, among: names).map { "did you mean `--\($0)`?" }
          ?? (names.isEmpty ? "it declares none" : "it has \(names.map { "--\($0)" }.joined(separator: " "))"),
        span: span)
    }
    if given.contains(where: { $0.flag == name }) {
      throw Failure(.usage, "--\(name) is given twice", hint: "give it once", span: span)
    }
    let hint = "write `--\(name) \(declaration.type.placeholder)`"
    if !lexer.take("=") { lexer.skipBlanks(lines: false) }
    guard let next = lexer.current, !next.endsLine, next != ";", !lexer.startsFlag else {
      throw Failure(.usage, "--\(name) needs a value", hint: hint, span: span)
    }
    return ArgumentSyntax(flag: name, value: try argument(), at: span)
  }

  /// The program of a file; nil where it was read before, unless it is to be read `again`.
  private mutating func program(at path: String, _ sourcing: Sourcing, again: Bool = false) throws -> Program? {
    let resolved = sourcing.files.resolve(path, from: lexer.source.name)
    let identity = SourceFiles.identity(resolved)
    if sourcing.open.contains(identity) {
      throw Failure(
        .usage, "\(resolved) sources itself\(sourcing.open.last == identity ? "" : ", through \(lexer.source.name)")",
        hint: "move what both files need to a third file")
    }
    guard sourcing.open.count < Sourcing.depthLimit else {
      throw Failure(.usage, "files that source each other are nested more than \(Sourcing.depthLimit) levels deep")
    }
    guard sourcing.done.insert(identity).inserted || again else { return nil }
    sourcing.open.append(identity)
    defer { _ = sourcing.open.popLast() }
    var parser = Parser(try sourcing.files.text(resolved), signatures: signatures, sourcing: sourcing)
    let program = try parser.program()
    signatures = parser.signatures
    return program
  }
}
