import Base

/// Parses command text into statements.
///
/// The signatures say which flags take a value and which commands take expressions over columns. An unknown command is
/// parsed as one with plain words; the checker reports it.
public struct Parser {
  /// Deepest nesting of brackets, blocks and operators.
  package static let nestingLimit = 200
  /// Most words, values and statements of one text: each takes hundreds of bytes.
  package static let partLimit = 500_000

  /// The commands, and the definitions so far.
  var signatures: SignatureTable
  /// Nil where files can't be sourced.
  let sourcing: Sourcing?
  var lexer: Lexer
  var nesting = 0
  private var parts = 0
  /// What is allowed around the position.
  var context = Context()

  struct Context {
    /// Line ends count as spaces: inside round and square brackets and records.
    var joinsLines = false
    /// `{` begins a block rather than a record: after `if` and `for`.
    var blockFollows = false
    /// Bare names are columns: in expressions over columns.
    var namesAreColumns = false
    /// `--name` after a space is a flag rather than two minus signs.
    var flagsFollow = false
    /// `> FILE` may end the command line: where its result would be shown.
    var fileMayFollow = false
  }

  init(_ source: SourceText, signatures: SignatureTable, sourcing: Sourcing? = nil) {
    self.signatures = signatures
    self.sourcing = sourcing
    lexer = Lexer(source: source, units: { signatures.units })
  }

  /// Parses a whole source and the files that it sources.
  ///
  /// - Parameter files: reads the files and keeps their texts; nil where files can't be sourced.
  /// - Throws: a usage failure with the place of the first problem.
  public static func parse(_ source: SourceText, signatures: SignatureTable, files: SourceFiles? = nil) throws
    -> Program
  {
    files?.begin()
    func read(_ signatures: SignatureTable) throws -> Program {
      let sourcing = files.map(Sourcing.init)
      sourcing?.open = [SourceFiles.identity(source.name)]
      var parser = Parser(source, signatures: signatures, sourcing: sourcing)
      return try parser.program()
    }
    let program = try read(signatures)
    let definitions = program.definitions
    guard !definitions.isEmpty else { return program }
    // Parsed a second time with all definitions known, because a body may use definitions further down.
    return try read(signatures.adding(definitions.map(\.signature)))
  }

  /// Parses text that consists of one expression over columns.
  package static func parseRowExpression(_ source: SourceText) throws -> Expression {
    var parser = Parser(source, signatures: SignatureTable([]))
    parser.context.namesAreColumns = true
    let expression = try parser.expression()
    parser.lexer.skipBlanks(lines: true)
    guard parser.lexer.isAtEnd else { throw parser.unexpected("after the expression") }
    return expression
  }

  /// Whether the text continues on another line: a bracket or quote is open, or it ends in `|`.
  public static func isIncomplete(_ text: String) -> Bool {
    let outline = Outline(of: text)
    return !outline.open.isEmpty || outline.endsInPipe
  }

  // MARK: Programs and statements

  mutating func program() throws -> Program {
    let version = try languageVersion()
    return Program(version: version, statements: try statements(inBlock: false))
  }

  /// Parses `vcsh 1` in the first line that is not empty or a comment.
  private mutating func languageVersion() throws -> Int? {
    lexer.skipBlanks(lines: true)
    let start = lexer.position
    var ahead = lexer
    guard ahead.take(while: \.continuesCommand) == "vcsh" else { return nil }
    ahead.skipBlanks(lines: false)
    guard case .int(let version)? = try? ahead.takeToken(lines: false, flags: false).kind else { return nil }
    lexer.position = ahead.position
    guard version == 1 else {
      throw Failure(
        .usage, "unknown language version \(version)", hint: "this vcsh supports version 1",
        span: lexer.span(from: start))
    }
    try endOfStatement(inBlock: false)
    return version
  }

  mutating func statements(inBlock: Bool) throws -> [Statement] {
    var statements: [Statement] = []
    while true {
      lexer.skipBlanks(lines: true)
      if lexer.take(";") { continue }
      if lexer.isAtEnd || (inBlock && lexer.current == "}") { return statements }
      try countPart()
      statements.append(try statement())
      try endOfStatement(inBlock: inBlock)
    }
  }

  /// - Throws: where the text has too many parts, and once the work is cancelled.
  mutating func countPart() throws {
    parts += 1
    if parts.isMultiple(of: 256) { try Cancellation.current?.check() }
    guard parts > Self.partLimit else { return }
    throw Failure(
      .usage, "the text has more than \(Self.partLimit) words and values",
      hint: "put long lists into a CSV file, and open it", span: lexer.span(lexer.position..<lexer.position + 1))
  }

  private mutating func endOfStatement(inBlock: Bool) throws {
    lexer.skipBlanks(lines: false)
    guard let character = lexer.current else { return }
    if character.endsLine || character == ";" || (inBlock && character == "}") { return }
    throw unexpected("after the end of the statement")
  }

  private mutating func statement() throws -> Statement {
    let start = lexer.position
    let kind = try statementKind()
    return Statement(kind, at: lexer.span(from: start), text: lexer.source.text(start..<lexer.position))
  }

  private mutating func statementKind() throws -> Statement.Kind {
    let start = lexer.position
    let word = lexer.take(while: \.continuesCommand)
    // `if(` and `assert(` are not function calls.
    let isWhole = lexer.current.map { $0.isWhitespace || $0 == "(" } ?? true
    switch word {
    case "let" where isWhole: return try assignment()
    case "param" where isWhole: return .parameter(try parameter(from: start))
    case "if" where isWhole: return try branches()
    case "for" where isWhole: return try loop()
    case "assert" where isWhole: return try assertion()
    case "def" where isWhole: return .define(try definition())
    case "source" where isWhole: return try sourced(from: start)
    case "run" where isWhole && lexer.current != "(": return try recipeRun(from: start)
    case "else" where isWhole:
      throw Failure(
        .usage, "`else` without an `if` before it", hint: "write `} else {`", span: lexer.span(from: start))
    default:
      lexer.position = start
      return .value(try shownExpression())
    }
  }

  /// Parses a value that is shown or written to a file: `COMMAND … > FILE`.
  private mutating func shownExpression() throws -> Expression {
    let start = lexer.position
    let outer = context
    context.fileMayFollow = true
    defer { context = outer }
    let value = try valueExpression()
    guard case .pipeline(let pipeline) = value.kind, lexer.skipBlanks(lines: false, if: { $0 == ">" }), lexer.take(">")
    else { return value }
    lexer.skipBlanks(lines: false)
    guard let next = lexer.current, !next.endsLine, next != ";" else {
      throw unexpected("where a file is expected after `>`", hint: "write `… > FILE`")
    }
    let file = try argument()
    let span = lexer.span(from: start)
    return try make(
      .pipeline(Pipeline(source: pipeline.source, stages: pipeline.stages, file: file, at: span)), from: start)
  }

  private mutating func assignment() throws -> Statement.Kind {
    let name = try declaredName(after: "let")
    lexer.skipBlanks(lines: false)
    guard lexer.take("=") else { throw unexpected("where `=` is expected", hint: "write `let \(name) = …`") }
    return .assign(name: name, value: try valueExpression())
  }

  private mutating func branches() throws -> Statement.Kind {
    var branches = [Statement.Branch(try headExpression(), try block(after: "if"))]
    while true {
      var ahead = lexer
      ahead.skipBlanks(lines: true)
      guard ahead.take(while: \.continuesCommand) == "else" else { return .branch(branches, otherwise: nil) }
      lexer.position = ahead.position
      lexer.skipBlanks(lines: false)
      guard lexer.current != "{" else { return .branch(branches, otherwise: try block(after: "else")) }
      guard lexer.take(while: \.continuesCommand) == "if" else {
        throw unexpected("after `else`", hint: "write `else {` or `else if … {`")
      }
      branches.append(Statement.Branch(try headExpression(), try block(after: "if")))
    }
  }

  private mutating func loop() throws -> Statement.Kind {
    let name = try declaredName(after: "for")
    lexer.skipBlanks(lines: false)
    guard lexer.take(while: \.continuesCommand) == "in" else {
      throw unexpected("where `in` is expected", hint: "write `for \(name) in [a, b] { … }`")
    }
    return .loop(name: name, sequence: try headExpression(), body: try block(after: "for"))
  }

  private mutating func assertion() throws -> Statement.Kind {
    let condition = try valueExpression()
    guard lexer.skipBlanks(lines: context.joinsLines, if: \.isQuote) else { return .assert(condition, message: nil) }
    return .assert(condition, message: try quotedText())
  }

  /// Parses the expression of an `if` or `for`, before its block.
  private mutating func headExpression() throws -> Expression {
    let outer = context
    context.blockFollows = true
    defer { context = outer }
    return try valueExpression()
  }

  mutating func block(after keyword: String) throws -> [Statement] {
    lexer.skipBlanks(lines: false)
    let start = lexer.position
    guard lexer.take("{") else { throw unexpected("where `{` is expected after `\(keyword)`") }
    return try nested(at: start) { parser in
      parser.context = Context()
      let statements = try parser.statements(inBlock: true)
      guard parser.lexer.take("}") else { throw parser.unclosed("{", at: start) }
      return statements
    }
  }

  /// Parses a name that `let` or a similar word declares.
  mutating func declaredName(after keyword: String) throws -> String {
    lexer.skipBlanks(lines: false)
    let start = lexer.position
    let hasDollar = lexer.take("$")
    let name = lexer.takeName()
    guard !name.isEmpty else { throw unexpected("where a name is expected after `\(keyword)`") }
    guard !hasDollar else {
      throw Failure(
        .usage, "a declared name has no `$`", hint: "write `\(keyword) \(name)`", span: lexer.span(from: start))
    }
    guard name != "_" else {
      throw Failure(.usage, "`_` is the last result and can't be set", span: lexer.span(from: start))
    }
    if let next = lexer.current, !next.isWhitespace, !"=:,;{}()".contains(next) {
      _ = lexer.take(while: \.continuesWord)
      throw Failure(
        .usage, "`\(lexer.source.text(start..<lexer.position))` can't be a name",
        hint: "names have letters, digits and `_`", span: lexer.span(from: start))
    }
    return name
  }

  // MARK: Shared by all parts

  /// Runs `body` one level deeper.
  mutating func nested<T>(at start: Int, _ body: (inout Parser) throws -> T) throws -> T {
    nesting += 1
    guard nesting <= Self.nestingLimit else { throw tooDeep(lexer.span(start..<start + 1)) }
    let outer = context
    let result = try body(&self)
    context = outer
    nesting -= 1
    return result
  }

  /// Makes a node, unless the tree becomes too deep to process.
  func make(_ kind: Expression.Kind, from start: Int) throws -> Expression {
    let expression = Expression(kind, at: lexer.span(from: start))
    guard expression.depth <= Self.nestingLimit else { throw tooDeep(expression.span) }
    return expression
  }

  private func tooDeep(_ span: SourceSpan) -> Failure {
    Failure(
      .usage, "nested more than \(Self.nestingLimit) levels deep", hint: "store parts in variables with `let`",
      span: span)
  }

  /// The failure for unexpected text at the position.
  func unexpected(_ place: String, hint: String? = nil) -> Failure {
    var ahead = lexer
    ahead.skipBlanks(lines: context.joinsLines)
    guard let character = ahead.current, !character.endsLine else {
      return Failure(
        .usage, "the \(ahead.isAtEnd ? "text" : "line") ends \(place)", hint: hint,
        span: ahead.span(ahead.position..<ahead.position + 1))
    }
    let start = ahead.position
    if ahead.take(while: \.continuesWord).isEmpty { ahead.position += 1 }
    let word = lexer.source.text(start..<ahead.position)
    return Failure(.usage, "unexpected `\(word)` \(place)", hint: hint, span: ahead.span(from: start))
  }

  func unclosed(_ bracket: Character, at start: Int) -> Failure {
    let partner: Character = bracket == "(" ? ")" : bracket == "[" ? "]" : bracket == "{" ? "}" : bracket
    return Failure(
      .usage, "`\(bracket)` is not closed", hint: "add `\(partner)`", span: lexer.span(start..<start + 1))
  }
}
