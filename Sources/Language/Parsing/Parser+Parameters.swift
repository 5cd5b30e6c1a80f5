import Base

/// Parses `param NAME: type = default "help"`.
extension Parser {
  mutating func parameter(from start: Int) throws -> ParameterDeclaration {
    guard nesting == 0 else {
      throw Failure(
        .usage, "`param` can't be inside a block", hint: "move `param` to the top of the file",
        span: lexer.span(from: start))
    }
    let name = try declaredName(after: "param")
    var declared: ParameterDeclaration.ParameterType?
    if lexer.skipBlanks(lines: false, if: { $0 == ":" }), lexer.take(":") { declared = try parameterType() }
    var fallback: Expression?
    var fallbackText: String?
    if lexer.skipBlanks(lines: false, if: { $0 == "=" }), lexer.take("=") {
      lexer.skipBlanks(lines: false)
      let first = lexer.position
      fallback = try argument()
      fallbackText = lexer.source.text(first..<lexer.position)
    }
    var help: String?
    if lexer.skipBlanks(lines: false, if: \.isQuote) {
      let text = try quotedText()
      guard case .text(let parts) = text.kind, parts.count <= 1 else { throw notPlain(text) }
      switch parts.first {
      case .text(let plain)?: help = plain
      case .value?: throw notPlain(text)
      case nil: help = ""
      }
    }
    let type = try declared ?? inferredType(of: fallback)
    return ParameterDeclaration(
      name, type: type, fallback: fallback, fallbackText: fallbackText, help: help, at: lexer.span(from: start))
  }

  private func notPlain(_ text: Expression) -> Failure {
    Failure(
      .usage, "the help of a parameter can't contain variables", hint: "write `\\$` for a dollar sign", span: text.span)
  }

  private mutating func parameterType() throws -> ParameterDeclaration.ParameterType {
    lexer.skipBlanks(lines: false)
    let start = lexer.position
    let isList = lexer.take("[")
    let element = lexer.takeName()
    let name = isList ? "[\(element)\(lexer.take("]") ? "]" : "")" : element
    guard let type = ParameterDeclaration.ParameterType(rawValue: name) else {
      let names = ParameterDeclaration.ParameterType.allCases.map(\.rawValue)
      throw Failure(
        .usage, name.isEmpty ? "a type is expected after `:`" : "`\(name)` is not a type of a parameter",
        hint: ["list", "array"].contains(name)
          ? "write the type of its elements in square brackets: `[float]`, `[int]`, `[string]`"
          : Suggestion.hint(for: name, among: names) ?? "types are \(names.joined(separator: ", "))",
        span: lexer.span(from: start))
    }
    return type
  }

  private func inferredType(of fallback: Expression?) throws -> ParameterDeclaration.ParameterType {
    switch fallback?.kind {
    case nil, .text: return .string
    case .word(let parts):
      guard case .text(let text)? = parts.first, parts.count == 1 else { return .string }
      switch Literal.value(of: text) {
      case .int: return .int
      case .double: return .float
      case .bool: return .bool
      default: return .string
      }
    case .list(let elements):
      let types = Set(elements.map(Self.elementType))
      let type = types == [.int, .float] ? .float : types.count == 1 ? types.first : nil
      if let type, let list = ParameterDeclaration.ParameterType(rawValue: "[\(type.rawValue)]") { return list }
      fallthrough
    default:
      throw Failure(
        .usage, "the default does not determine the type of this parameter", hint: "write `param NAME: type = …`",
        span: fallback?.span)
    }
  }

  private static func elementType(of element: Expression) -> ParameterDeclaration.ParameterType {
    switch element.kind {
    case .int: .int
    case .double: .float
    case .bool: .bool
    case .unary(.negate, let operand): elementType(of: operand)
    default: .string
    }
  }
}
