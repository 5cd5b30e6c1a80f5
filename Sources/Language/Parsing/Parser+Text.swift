import Base

/// Parses barewords, quoted text, and interpolation in them.
extension Parser {
  /// Parses a run of word characters, with `$name` and `${…}` in it.
  ///
  /// `$name.field` alone is the value itself, not its text.
  mutating func bareword(stopsAtComma: Bool) throws -> Expression {
    let start = lexer.position
    guard let first = lexer.current, first == "$" || first.startsWord else {
      throw unexpected("where an argument is expected")
    }
    if "“”„«‘’‚–—−―‑".contains(first) { throw typographic(first) }
    var parts: [Expression.TextPart] = []
    while let character = lexer.current {
      if character == "$" {
        parts.append(.value(try interpolation(withPath: true)))
      } else if character.continuesWord, !(stopsAtComma && character == ",") {
        let text = lexer.take { $0.continuesWord && !(stopsAtComma && $0 == ",") }
        parts.append(.text(text))
      } else {
        break
      }
    }
    if parts.count == 1, case .value(let value)? = parts.first { return value }
    return try make(.word(parts), from: start)
  }

  /// The failure for a quote or dash of a text editor, which would become part of the text without a word.
  private func typographic(_ character: Character) -> Failure {
    var ahead = lexer
    let word = ahead.take(while: \.continuesWord)
    let isDash = "–—−―‑".contains(character)
    let name = word.drop { "–—−―‑-".contains($0) }
    return Failure(
      .usage, "`\(word)` begins with a typographic \(isDash ? "dash" : "quote")",
      hint: isDash
        ? name.first?.isLetter == true ? "write a flag with two hyphens: `--\(name)`" : "write a hyphen: `-\(name)`"
        : "write straight quotes: \" or '", span: ahead.span(from: lexer.position))
  }

  /// Parses `'…'`, which has no escapes, or `"…"` with escapes and interpolation.
  mutating func quotedText() throws -> Expression {
    let start = lexer.position
    if lexer.take("'") {
      let text = lexer.take { $0 != "'" }
      guard lexer.take("'") else { throw unclosed("'", at: start) }
      return try make(.text(text.isEmpty ? [] : [.text(text)]), from: start)
    }
    lexer.position += 1
    var parts: [Expression.TextPart] = []
    var text = ""
    func closeText() {
      if !text.isEmpty {
        parts.append(.text(text))
        text = ""
      }
    }
    while let character = lexer.current {
      switch character {
      case "\"":
        lexer.position += 1
        closeText()
        return try make(.text(parts), from: start)
      case "\\":
        text.append(try escape())
      case "$" where startsInterpolation:
        closeText()
        parts.append(.value(try interpolation(withPath: false)))
      default:
        text.append(character)
        lexer.position += 1
      }
    }
    throw unclosed("\"", at: start)
  }

  /// Whether `$` begins a name; otherwise it is a dollar sign in quoted text.
  private var startsInterpolation: Bool {
    lexer.character(at: lexer.position + 1).map { $0 == "{" || $0.startsName } ?? false
  }

  /// Parses `$name`, `${name}` or `${expression}`, with the dollar at the position.
  private mutating func interpolation(withPath: Bool) throws -> Expression {
    try countPart()
    let start = lexer.position
    guard lexer.character(at: start + 1) == "{" else {
      let name = try lexer.takeVariable()
      let variable = try make(.variable(name), from: start)
      return withPath ? try postfix(variable, from: start) : variable
    }
    lexer.position += 2
    return try nested(at: start) { parser in
      parser.context = Context(joinsLines: true)
      let value = try parser.bracedVariable() ?? parser.valueExpression()
      parser.lexer.skipBlanks(lines: true)
      guard parser.lexer.take("}") else {
        throw parser.lexer.isAtEnd ? parser.unclosed("{", at: start + 1) : parser.unexpected("where `}` is expected")
      }
      return value
    }
  }

  /// Parses the `name` or `name.field` of `${name}`; nil where the braces contain anything else.
  private mutating func bracedVariable() throws -> Expression? {
    let start = lexer.position
    let name = lexer.takeName()
    let isLiteral = ["true", "false", "null"].contains(name)
    if !name.isEmpty, !isLiteral, let next = lexer.current, "}.[".contains(next) {
      return try postfix(try make(.variable(name), from: start), from: start)
    }
    lexer.position = start
    return nil
  }

  /// Parses `\n`, `\t`, `\r`, `\\`, `\"`, `\'`, `\$`, `\u{hex}`.
  private mutating func escape() throws -> Character {
    let start = lexer.position
    lexer.position += 1
    guard let character = lexer.current else { throw unclosed("\"", at: start) }
    lexer.position += 1
    switch character {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "\\", "\"", "'", "$": return character
    case "u" where lexer.take("{"):
      let digits = lexer.take(while: \.isHexDigit)
      guard lexer.take("}"), digits.count <= 8, let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code)
      else { break }
      return Character(scalar)
    default: break
    }
    throw Failure(
      .usage, "`\(lexer.source.text(start..<lexer.position))` is not an escape",
      hint: "write a backslash as `\\\\`, or put the text in single quotes", span: lexer.span(from: start))
  }
}
