import Base

/// Parses pipelines, commands and their arguments.
extension Parser {
  /// Parses the commands after a source, with `|` at the position, or a whole pipeline of commands.
  mutating func pipeline(source: Expression?, from start: Int) throws -> Expression {
    var stages: [CommandSyntax] = []
    if source == nil { stages.append(try command()) }
    while true {
      guard lexer.skipBlanks(lines: context.joinsLines, if: { $0 == "|" }), lexer.take("|") else { break }
      lexer.skipBlanks(lines: true)
      stages.append(try command())
    }
    let pipeline = Pipeline(source: source, stages: stages, at: lexer.span(from: start))
    return try make(.pipeline(pipeline), from: start)
  }

  /// Words that begin a statement.
  public static let keywords = ["let", "param", "if", "for", "assert", "def", "source", "run"]

  private mutating func command() throws -> CommandSyntax {
    let start = lexer.position
    try countPart()
    guard lexer.current?.startsName == true else { throw unexpected("where a command is expected") }
    let name = lexer.take(while: \.continuesCommand)
    let span = lexer.span(from: start)
    if let next = lexer.current, !next.isWhitespace, !"|;)}".contains(next) {
      if next == "(", signatures[name] != nil { throw bracketed(name, span) }
      _ = lexer.take(while: \.continuesWord)
      let word = lexer.source.text(start..<max(start + name.count, lexer.position))
      throw Failure(
        .usage, "`\(word)` is not a command", hint: Self.hint(forWord: word, name), span: lexer.span(from: start))
    }
    guard !Self.keywords.contains(name), name != "else" else {
      throw Failure(
        .usage, "`\(name)` must begin a statement", hint: "put it on a new line", span: span)
    }
    let signature = signatures[name]
    let takesRows = signature?.positional.contains { $0.type == .rowExpression } ?? false
    var arguments: [ArgumentSyntax] = []
    while true {
      let end = lexer.position
      lexer.skipBlanks(lines: context.joinsLines)
      if try atArgumentsEnd() {
        lexer.position = end
        break
      }
      try countPart()
      if lexer.startsFlag {
        arguments.append(try flag(of: signature))
      } else if takesRows {
        arguments += try rowArguments(of: signature)
      } else if signature?.positional.last?.type == .raw, let raw = try rawArgument() {
        arguments.append(raw)
      } else if let named = try namedArgument(of: signature) {
        arguments.append(named)
      } else {
        arguments.append(try positional())
      }
    }
    return CommandSyntax(name, arguments, at: span)
  }

  /// What leads on from a word that begins like a command and goes on in another way.
  private static func hint(forWord word: String, _ name: String) -> String {
    let rest = word.dropFirst(name.count)
    if let ending = word.split(separator: ".").last, rest.contains("."), fileEndings.contains(ending.lowercased()) {
      return ending == "vc" ? "`run \(word)` runs a recipe" : "`open \(word) as NAME` opens a file"
    }
    switch rest.first {
    case "=" where rest.count > 1: return "set a variable with `let \(name) = \(rest.dropFirst())`"
    case "/": return "`help \(word)` tells what it is; a command stands before it"
    case ".": return "of a variable write `$\(word)`; `show \(name)` shows an object"
    default: return "write a variable as `$\(name)`"
    }
  }

  /// Of files that are opened or run: a word with one of these is no name.
  private static let fileEndings: Set<String> = [
    "ckpt", "pt", "pth", "safetensors", "dset", "npz", "csv", "tsv", "json", "jsonl", "ipynb", "yaml", "yml", "vc",
  ]

  /// `head(2)`, which is no call of a function.
  private func bracketed(_ name: String, _ span: SourceSpan) -> Failure {
    var ahead = lexer
    let inner = ahead.take { $0 != ")" && !$0.endsLine }.dropFirst()
    let isSimple = ahead.current == ")" && !inner.contains { "([{\"'".contains($0) }
    let arguments = inner.split { $0 == "," || $0.isWhitespace }.joined(separator: " ")
    return Failure(
      .usage, "`\(name)` is a command, whose arguments have no brackets",
      hint: isSimple && !arguments.isEmpty ? "write `\(name) \(arguments)`" : "write `\(name) …`", span: span)
  }

  private func atArgumentsEnd() throws -> Bool {
    guard let character = lexer.current else { return true }
    if character.endsLine || "|;)}".contains(character) { return true }
    if character == "{" { return context.blockFollows }
    if character == ">" {
      if context.fileMayFollow { return true }
      throw unexpected(
        "among the arguments",
        hint:
          "to compare a result, put the command in brackets: `(COMMAND …) > 3`; `> FILE` is only possible at the end of a command line"
      )
    }
    if character == "]" || character == "," { throw unexpected("among the arguments") }
    return false
  }

  private mutating func positional() throws -> ArgumentSyntax {
    let start = lexer.position
    let value = try argument()
    return ArgumentSyntax(value: value, at: lexer.span(from: start))
  }

  /// `--name`, `--name VALUE` or `--name=VALUE`.
  private mutating func flag(of signature: Signature?) throws -> ArgumentSyntax {
    let start = lexer.position
    lexer.position += 2
    let name = lexer.take(while: \.continuesCommand)
    let span = lexer.span(from: start)
    let type = signature?.flag(named: name)?.type ?? signature?.argument(flag: name)?.type
    if lexer.take("=") {
      guard let character = lexer.current, !character.isWhitespace else {
        throw unexpected("where the value of --\(name) is expected")
      }
      return ArgumentSyntax(flag: name, value: try flagValue(type), at: span)
    }
    guard lexer.current.map({ $0.isWhitespace || "|;)}".contains($0) }) ?? true else {
      throw unexpected("after --\(name)", hint: "write `--\(name)=VALUE` or `--\(name) VALUE`")
    }
    guard let type, type != .toggle else { return ArgumentSyntax(flag: name, value: nil, at: span) }
    lexer.skipBlanks(lines: context.joinsLines)
    if try atArgumentsEnd() || lexer.startsFlag { return ArgumentSyntax(flag: name, value: nil, at: span) }
    return ArgumentSyntax(flag: name, value: try flagValue(type), at: span)
  }

  /// `name=VALUE`, which means `--name=VALUE` where the command has such a flag; nil where it does not.
  private mutating func namedArgument(of signature: Signature?) throws -> ArgumentSyntax? {
    var ahead = lexer
    let start = ahead.position
    let name = ahead.takeName()
    guard let type = signature?.flag(named: name)?.type, type != .toggle else { return nil }
    let span = ahead.span(from: start)
    guard ahead.take("="), let next = ahead.current, !next.isWhitespace, !"=|;)}".contains(next) else { return nil }
    lexer = ahead
    return ArgumentSyntax(flag: name, value: try flagValue(type), at: span)
  }

  private mutating func flagValue(_ type: ArgumentType?) throws -> Expression {
    type == .rowExpression ? try rowExpression() : try argument()
  }

  /// Parses an expression over columns, or a keyword with its values, which are ordinary arguments.
  private mutating func rowArguments(of signature: Signature?) throws -> [ArgumentSyntax] {
    let start = lexer.position
    if let keyword = keyword(of: signature) {
      _ = lexer.takeName()
      let word = try make(.word([.text(keyword.keyword ?? keyword.name)]), from: start)
      var arguments = [ArgumentSyntax(value: word, at: word.span)]
      repeat {
        lexer.skipBlanks(lines: context.joinsLines)
        if try atArgumentsEnd() || lexer.startsFlag || self.keyword(of: signature) != nil { break }
        arguments.append(try positional())
      } while keyword.isRepeating
      return arguments
    }
    let value = try rowExpression()
    let argument = ArgumentSyntax(value: value, at: lexer.span(from: start))
    lexer.skipBlanks(lines: context.joinsLines)
    if lexer.take(",") { lexer.skipBlanks(lines: context.joinsLines) }
    return [argument]
  }

  /// The argument whose keyword is at the position as a separate word.
  private func keyword(of signature: Signature?) -> Signature.Argument? {
    var ahead = lexer
    let word = ahead.takeName()
    return ahead.current?.isWhitespace ?? true ? signature?.argument(keyword: word) : nil
  }

  private mutating func rowExpression() throws -> Expression {
    let outer = context
    context.namesAreColumns = true
    context.flagsFollow = true
    defer { context = outer }
    return try expression()
  }

  /// The rest of the line; nil where it is quoted, as it is then an ordinary argument.
  private mutating func rawArgument() throws -> ArgumentSyntax? {
    guard lexer.current != "\"", lexer.current != "'" else { return nil }
    let start = lexer.position
    let text = lexer.take { !$0.endsLine }
    let expression = try make(.text([.text(text)]), from: start)
    return ArgumentSyntax(value: expression, at: expression.span)
  }

  /// Parses one argument: quoted text, something in brackets, a variable or a bareword.
  mutating func argument() throws -> Expression {
    let start = lexer.position
    let value: Expression
    switch lexer.current {
    case "\"", "'": value = try quotedText()
    case "(": value = try columnsAside { try $0.postfix(try $0.parenthesised(), from: start) }
    case "[": value = try columnsAside { try $0.postfix(try $0.list(), from: start) }
    case "{": value = try columnsAside { try $0.record() }
    default: value = try bareword(stopsAtComma: false)
    }
    if let next = lexer.current, !next.isWhitespace, !"|;)}".contains(next) {
      let hint =
        next == "("
        ? "put an expression in brackets: `(\(lexer.source.text(start..<lexer.position))(…))`"
        : "separate them by a space, or put all of it in double quotes"
      throw unexpected("directly after an argument", hint: hint)
    }
    return value
  }

  /// Inside an argument, names are not columns, even within expressions over columns.
  private mutating func columnsAside(_ body: (inout Parser) throws -> Expression) throws -> Expression {
    let outer = context
    context.namesAreColumns = false
    defer { context = outer }
    return try body(&self)
  }
}
