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

  /// The program of a file; nil where it was read before.
  private mutating func program(at path: String, _ sourcing: Sourcing) throws -> Program? {
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
    guard sourcing.done.insert(identity).inserted else { return nil }
    sourcing.open.append(identity)
    defer { _ = sourcing.open.popLast() }
    var parser = Parser(try sourcing.files.text(resolved), signatures: signatures, sourcing: sourcing)
    let program = try parser.program()
    signatures = parser.signatures
    return program
  }
}
