import Base

/// Parses expressions by operator precedence.
extension Parser {
  /// Parses a pipeline that starts with a command, or an expression, which may also start a pipeline.
  mutating func valueExpression() throws -> Expression {
    lexer.skipBlanks(lines: context.joinsLines)
    let start = lexer.position
    if startsCommand { return try pipeline(source: nil, from: start) }
    let expression = try expression()
    guard lexer.skipBlanks(lines: context.joinsLines, if: { $0 == "|" }) else { return expression }
    return try pipeline(source: expression, from: start)
  }

  /// Whether a bareword at the position begins a command rather than an expression.
  private var startsCommand: Bool {
    guard lexer.current?.startsName == true else { return false }
    var ahead = lexer
    let word = ahead.take(while: \.continuesCommand)
    return !["true", "false", "null", "not"].contains(word) && ahead.current != "("
  }

  /// - Parameter minimum: operators of lower precedence are left to the caller.
  mutating func expression(_ minimum: Int = 1) throws -> Expression {
    lexer.skipBlanks(lines: context.joinsLines)
    let start = lexer.position
    var left = try operand()
    while let (operation, end) = try peekOperator(), operation.precedence >= minimum {
      lexer.position = end
      // The power is right-associative: its right side may contain another power.
      let right = try nested(at: start) {
        try $0.expression(operation == .power ? operation.precedence : operation.precedence + 1)
      }
      left = try make(.binary(operation, left, right), from: start)
      if operation.precedence == BinaryOperator.equal.precedence, let (next, _) = try peekOperator(),
        next.precedence == operation.precedence
      {
        let first = lexer.source.text(start..<lexer.position)
        let middle = lexer.source.text(end..<lexer.position).trimmingPrefix(while: \.isWhitespace)
        throw unexpected(
          "after a comparison", hint: "join comparisons with `and`: `\(first) and \(middle) \(next.rawValue) …`")
      }
    }
    if let token = try? lexer.peekToken(lines: context.joinsLines, flags: context.flagsFollow),
      token.kind == .operation("=")
    {
      throw comparisonExpected(after: left, from: start, token)
    }
    return left
  }

  /// The failure for `=` after an expression, where `==` or `let` was meant.
  private func comparisonExpected(after left: Expression, from start: Int, _ token: Token) -> Failure {
    var ahead = self
    ahead.lexer.position = token.range.upperBound
    let first = ahead.lexer.position
    let right = (try? ahead.expression(BinaryOperator.equal.precedence + 1)).map { _ in
      lexer.source.text(first..<ahead.lexer.position).trimmingPrefix(while: \.isWhitespace)
    }
    let compared = lexer.source.text(start..<lexer.position)
    var hint = "write `\(compared) == \(right ?? "…")`"
    if case .variable(let name) = left.kind, !context.namesAreColumns, !context.blockFollows, !context.joinsLines {
      hint = "set a variable with `let \(name) = …`; compare with `==`"
    }
    return Failure(.usage, "`=` does not compare", hint: hint, span: lexer.span(token.range))
  }

  /// The operator at the position, and where it ends.
  private func peekOperator() throws -> (BinaryOperator, end: Int)? {
    // Anything that is not a token ends the expression; the caller decides whether it is allowed.
    guard let token = try? lexer.peekToken(lines: context.joinsLines, flags: context.flagsFollow) else { return nil }
    switch token.kind {
    case .operation(let sign): return BinaryOperator(rawValue: sign).map { ($0, token.range.upperBound) }
    case .name(let word) where ["and", "or", "in"].contains(word):
      return BinaryOperator(rawValue: word).map { ($0, token.range.upperBound) }
    default: return nil
    }
  }

  private mutating func operand() throws -> Expression {
    let token = try lexer.peekToken(lines: context.joinsLines, flags: context.flagsFollow)
    let start = token.range.lowerBound
    switch token.kind {
    case .operation("-"):
      lexer.position = token.range.upperBound
      let operand = try nested(at: start) { try $0.expression(UnaryOperator.negate.precedence) }
      return try make(.unary(.negate, operand), from: start)
    case .name("not"):
      lexer.position = token.range.upperBound
      let operand = try nested(at: start) { try $0.expression(UnaryOperator.not.precedence) }
      return try make(.unary(.not, operand), from: start)
    default:
      return try primary(token)
    }
  }

  private mutating func primary(_ token: Token) throws -> Expression {
    let start = token.range.lowerBound
    lexer.position = start
    switch token.kind {
    case .int(let value): return try number(.int(value), token)
    case .double(let value): return try number(.double(value), token)
    case .quote:
      return try quotedText()
    case .variable(let name):
      lexer.position = token.range.upperBound
      return try postfix(try make(.variable(name), from: start), from: start)
    case .name(let name):
      lexer.position = token.range.upperBound
      return try named(name, from: start)
    case .mark("("):
      return try postfix(try parenthesised(), from: start)
    case .mark("["):
      return try postfix(try list(), from: start)
    case .mark("{") where !context.blockFollows:
      return try postfix(try record(), from: start)
    default:
      throw unexpected("where a value is expected")
    }
  }

  /// Parses a number, with its unit if it has one.
  private mutating func number(_ kind: Expression.Kind, _ token: Token) throws -> Expression {
    lexer.position = token.range.upperBound
    let number = try make(kind, from: token.range.lowerBound)
    guard let unit = lexer.takeUnit() else { return number }
    return try make(.quantity(number, unit: unit), from: token.range.lowerBound)
  }

  /// Parses a literal word, a function call, or a column.
  private mutating func named(_ name: String, from start: Int) throws -> Expression {
    if ["and", "or", "in"].contains(name) {
      lexer.position = start
      throw unexpected("where a value is expected")
    }
    if lexer.current == "(" {
      let arguments = try functionArguments(of: name)
      return try postfix(try make(.call(name, arguments), from: start), from: start)
    }
    switch name {
    case "true": return try make(.bool(true), from: start)
    case "false": return try make(.bool(false), from: start)
    case "null": return try make(.null, from: start)
    default:
      guard context.namesAreColumns else {
        throw Failure(
          .usage, "`\(name)` is not a value here", hint: "write `$\(name)` for a variable, '\(name)' for text",
          span: lexer.span(from: start))
      }
      return try make(.column(name), from: start)
    }
  }

  private mutating func functionArguments(of name: String) throws -> [Expression] {
    let start = lexer.position
    _ = lexer.take("(")
    return try nested(at: start) { parser in
      parser.context.joinsLines = true
      parser.context.blockFollows = false
      parser.context.flagsFollow = false
      var isFirst = true
      return try parser.sequence(until: ")", opened: "(", at: start) { parser in
        defer { isFirst = false }
        return try isFirst && name == "ci" ? parser.statistic() : parser.expression()
      }
    }
  }

  /// Parses the function's name in `ci(mean, x)`.
  private mutating func statistic() throws -> Expression {
    lexer.skipBlanks(lines: true)
    let start = lexer.position
    let name = lexer.takeName()
    guard !name.isEmpty else {
      throw unexpected("where a function's name is expected", hint: "write `ci(mean, COLUMN)`")
    }
    return try make(.word([.text(name)]), from: start)
  }

  /// Parses `.name`, `.0` and `[index]` directly after an expression.
  mutating func postfix(_ base: Expression, from start: Int) throws -> Expression {
    var result = base
    while let character = lexer.current {
      if character == ".", let next = lexer.character(at: lexer.position + 1), next.startsName {
        lexer.position += 1
        let name = lexer.takeName()
        result = try make(.field(result, name), from: start)
      } else if character == ".", lexer.character(at: lexer.position + 1)?.isASCIIDigit == true {
        lexer.position += 1
        let digits = lexer.position
        let text = lexer.take(while: \.isASCIIDigit)
        guard let index = Int(text) else {
          throw Failure(.usage, "the index `\(text)` is too large", span: lexer.span(from: digits))
        }
        result = try make(.index(result, try make(.int(index), from: digits)), from: start)
      } else if character == "[" {
        let open = lexer.position
        lexer.position += 1
        let index = try nested(at: open) { parser in
          parser.context = Context(joinsLines: true, namesAreColumns: parser.context.namesAreColumns)
          let index = try parser.expression()
          parser.lexer.skipBlanks(lines: true)
          guard parser.lexer.take("]") else { throw parser.unclosed("[", at: open) }
          return index
        }
        result = try make(.index(result, index), from: start)
      } else {
        return result
      }
    }
    return result
  }

  /// Parses `( … )`: an expression, or a pipeline outside of expressions over columns.
  mutating func parenthesised() throws -> Expression {
    let start = lexer.position
    _ = lexer.take("(")
    return try nested(at: start) { parser in
      parser.context = Context(joinsLines: true, namesAreColumns: parser.context.namesAreColumns)
      let inner = try parser.context.namesAreColumns ? parser.expression() : parser.valueExpression()
      parser.lexer.skipBlanks(lines: true)
      if parser.lexer.isAtEnd { throw parser.unclosed("(", at: start) }
      guard parser.lexer.take(")") else { throw parser.unexpected("where `)` is expected") }
      return inner
    }
  }

  /// `[a, b]`.
  mutating func list() throws -> Expression {
    let start = lexer.position
    _ = lexer.take("[")
    let elements = try nested(at: start) { parser in
      parser.context = Context(joinsLines: true, namesAreColumns: parser.context.namesAreColumns)
      return try parser.sequence(until: "]", opened: "[", at: start) { try $0.element() }
    }
    return try make(.list(elements), from: start)
  }

  /// `{name: value, …}`.
  mutating func record() throws -> Expression {
    let start = lexer.position
    _ = lexer.take("{")
    let fields = try nested(at: start) { parser in
      parser.context = Context(joinsLines: true, namesAreColumns: parser.context.namesAreColumns)
      return try parser.sequence(until: "}", opened: "{", at: start) { try $0.field() }
    }
    return try make(.record(fields), from: start)
  }

  private mutating func field() throws -> Expression.Field {
    lexer.skipBlanks(lines: true)
    let name = try fieldName()
    guard !name.isEmpty else { throw unexpected("where a field's name is expected", hint: "write `{name: value}`") }
    lexer.skipBlanks(lines: true)
    guard lexer.take(":") else { throw unexpected("where `:` is expected", hint: "write `{\(name): value}`") }
    return Expression.Field(name, try element())
  }

  private mutating func fieldName() throws -> String {
    guard lexer.current?.isQuote == true else { return lexer.takeName() }
    let text = try quotedText()
    guard case .text(let parts) = text.kind, case .text(let name)? = parts.first, parts.count == 1 else {
      throw Failure(.usage, "a field's name must be plain text", span: text.span)
    }
    return name
  }

  /// Parses an element of a list or record: a bareword is text here, anything else an expression.
  mutating func element() throws -> Expression {
    lexer.skipBlanks(lines: true)
    guard let character = lexer.current, character.startsName || "/.~".contains(character) else {
      return try expression()
    }
    var ahead = lexer
    let word = ahead.take { $0.continuesWord && $0 != "," }
    if ["true", "false", "null", "not"].contains(word) || ahead.current == "(" { return try expression() }
    return try bareword(stopsAtComma: true)
  }

  /// Parses items with commas between them, optionally one after the last, and the closing bracket.
  mutating func sequence<T>(
    until close: Character, opened open: Character, at start: Int, _ item: (inout Parser) throws -> T
  ) throws -> [T] {
    var items: [T] = []
    while true {
      lexer.skipBlanks(lines: true)
      if lexer.take(close) { return items }
      if lexer.isAtEnd { throw unclosed(open, at: start) }
      try countPart()
      items.append(try item(&self))
      lexer.skipBlanks(lines: true)
      if lexer.isAtEnd { throw unclosed(open, at: start) }
      guard lexer.take(",") || lexer.current == close else {
        throw unexpected("where `,` or `\(close)` is expected")
      }
    }
  }
}
