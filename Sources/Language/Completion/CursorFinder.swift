import Base

/// Determines what is expected at a cursor in text that may be incomplete.
struct CursorFinder {
  let characters: [Character]
  let outline: Outline
  let signatures: SignatureTable
  let scope: CursorScope
  private let surroundings: Surroundings

  init(_ text: String, cursor: Int, signatures: SignatureTable, surroundings: Surroundings) {
    self.init(Array(text.prefix(max(0, cursor))), signatures: signatures, surroundings: surroundings)
  }

  private init(_ characters: [Character], signatures: SignatureTable, surroundings: Surroundings) {
    self.characters = characters
    self.surroundings = surroundings
    outline = Outline(of: characters)
    let start = outline.pipes.last.map { $0 + 1 } ?? outline.start
    scope = CursorScope.at(
      characters[..<min(start, characters.count)], statement: outline.start, signatures, surroundings)
    self.signatures = signatures.adding(scope.definitions.values.map(\.signature))
  }

  func context() -> CursorContext {
    if outline.isInComment { return found(.nothing, from: characters.count) }
    if let variable = variable() { return variable }
    guard let opening = outline.open.last, let enclosed = enclosed(by: opening) else { return inCommand() }
    return enclosed
  }

  // MARK: Brackets

  /// The context inside brackets that can't contain a command; nil inside other brackets.
  private func enclosed(by opening: Outline.Opening) -> CursorContext? {
    let start = nameStart(before: characters.count)
    let before = characters[..<opening.offset]
    switch opening.mark {
    case "(", "[":
      let outer = CursorFinder(Array(before), signatures: signatures, surroundings: surroundings)
      if outer.firstWord == "def" { return found(typeOfArgument(), from: start) }
      if case .column(let columns, true) = outer.context().expectation {
        return found(.column(columns: columns, inExpression: true), from: start)
      }
      let isCall = before.last?.continuesName ?? false
      if opening.mark == "(", !isCall { return nil }
      return found(isCall ? .column(columns: [], inExpression: true) : .nothing, from: start)
    case "{":
      if before.last == "$" { return nil }
      let outer = CursorFinder(Array(before), signatures: signatures, surroundings: surroundings)
      let begins = ["if", "for", "def"].contains(outer.firstWord)
      // The user chooses the names in a record.
      return begins ? nil : found(.nothing, from: start)
    default: return nil
    }
  }

  /// The first word of the innermost statement.
  private var firstWord: String? {
    outline.pipes.isEmpty ? words(in: outline.start..<characters.count).first?.text : nil
  }

  /// `def f(a: ▮`.
  private func typeOfArgument() -> CursorContext.Expectation {
    let start = nameStart(before: characters.count)
    let isType = characters[..<start].last { !$0.isWhitespace } == ":"
    return isType ? .word(Definition.ArgumentKind.allCases.map(\.rawValue)) : .nothing
  }

  // MARK: Variables

  /// `$na` or `$table.co` before the cursor.
  private func variable() -> CursorContext? {
    if quote == "'" { return nil }
    let start = nameStart(before: characters.count)
    // In text, `\$` is a dollar sign.
    if quote == "\"", start > 1, characters[start - 1] == "$", characters[start - 2] == "\\" { return nil }
    let isInterpolation = start > 1 && characters[start - 1] == "{" && characters[start - 2] == "$"
    if start > 0, characters[start - 1] == "$" || isInterpolation {
      if isInterpolation { return nil }
      return found(.variable(scope.variables.keys.sorted()), from: start)
    }
    guard quote == nil, start > 0, characters[start - 1] == "." else { return nil }
    guard let type = path(before: start - 1) else { return nil }
    let names: [String]? =
      switch type {
      case .record(let fields), .table(let fields), .list(.record(let fields)): fields.map(\.name)
      default: nil
      }
    return found(.column(columns: names, inExpression: false), from: start)
  }

  /// The type of the path `$a.b` that ends at `end`; nil where there is no variable.
  private func path(before end: Int) -> StaticType? {
    let start = nameStart(before: end)
    guard start < end, start > 0 else { return nil }
    let name = String(characters[start..<end])
    switch characters[start - 1] {
    case "$": return scope.variables[name] ?? .unknown
    case ".": return path(before: start - 1).map { $0.field(name) ?? .unknown }
    default: return nil
    }
  }

  func nameStart(before end: Int) -> Int {
    var start = end
    while start > 0, characters[start - 1].continuesName { start -= 1 }
    return start
  }

  // MARK: Commands

  var quote: Character? {
    guard let mark = outline.open.last?.mark, mark == "\"" || mark == "'" else { return nil }
    return mark
  }

  /// Where the command around the cursor begins.
  private var commandStart: Int { outline.pipes.last.map { $0 + 1 } ?? outline.start }

  /// Where the word at the cursor begins, without its quote.
  private var wordStart: Int {
    if quote != nil, let opening = outline.open.last { return opening.offset + 1 }
    var start = characters.count
    while start > commandStart, !characters[start - 1].isWhitespace { start -= 1 }
    return start
  }

  private func inCommand() -> CursorContext {
    let start = wordStart
    let before = quote == nil ? start : start - 1
    let all = words(in: commandStart..<max(commandStart, before))
    guard let words = commandWords(all) else { return found(declaration(all, from: start), from: start) }
    guard let name = words.first?.text else {
      let mayBeCommand = quote == nil && (start == characters.count || characters[start].startsName)
      return found(mayBeCommand ? .command(place(isStripped: words.count < all.count)) : .nothing, from: start)
    }
    if ["source", "run"].contains(name), words.count == 1 {
      return found(.value(.path, Self.source, argument: "file"), from: start)
    }
    guard let signature = signatures[name] else { return found(.nothing, from: start) }
    let arguments = CursorArguments(signature, words.dropFirst())
    var context = argument(of: signature, after: arguments, from: start)
    context.given = arguments.given
    return context
  }

  /// - Parameter isStripped: whether `let x =` or similar is before the command.
  private func place(isStripped: Bool) -> CursorContext.CommandPlace {
    if !outline.pipes.isEmpty { return .pipe }
    guard !isStripped, let opening = outline.open.last else { return isStripped ? .expression : .statement }
    let isInterpolation = opening.offset > 0 && characters[opening.offset - 1] == "$"
    return opening.mark == "(" || isInterpolation ? .expression : .statement
  }

  /// What `let`, `param` and `for` expect before a command is possible.
  private func declaration(_ words: [Word], from start: Int) -> CursorContext.Expectation {
    switch words.first?.text {
    case "for": return words.count == 2 ? .word(["in"]) : .nothing
    case "param" where words.last?.text.hasSuffix(":") == true:
      return .word(ParameterDeclaration.ParameterType.allCases.map(\.rawValue))
    default: return .nothing
    }
  }

  /// `source` as a command, for completion of its path.
  private static let source = Signature("source", in: "language", "Runs a file here").argument("file", .path, "File")

  /// `>` as a command, for completion of the path after it.
  private static let redirection = Signature(">", in: "language", "Writes the result to a file")
    .argument("file", .path, "File")

  private func argument(of signature: Signature, after given: CursorArguments, from start: Int) -> CursorContext {
    let token = String(characters[start...])
    if quote == nil, token.hasPrefix("--") || token == "-" {
      let name = String(token.dropFirst(2).prefix { $0 != "=" })
      guard token.contains("=") else { return found(.flag(signature, used: given.used), from: start) }
      return value(signature.type(ofFlag: name), of: signature, name, from: start + name.count + 3)
    }
    if quote == nil, let equals = token.firstIndex(of: "="),
      case let name = String(token[..<equals]), signature.flag(named: name) != nil
    {
      return value(signature.type(ofFlag: name), of: signature, name, from: start + name.count + 1)
    }
    if given.redirects { return value(.path, of: Self.redirection, "file", from: start) }
    if let awaited = given.awaited { return value(awaited.type, of: signature, awaited.name, from: start) }
    var context: CursorContext
    if let next = given.next {
      context = value(next.type, of: signature, next.name, from: start)
    } else {
      context = found(.nothing, from: start)
    }
    if quote == nil { context.others = given.openKeywords + given.openFlags.map { "--" + $0 } }
    return context
  }

  private func value(_ type: ArgumentType?, of signature: Signature, _ argument: String, from start: Int)
    -> CursorContext
  {
    if case .renamed(argument, _) = signature.result, !outline.pipes.isEmpty { return column(from: start) }
    switch type {
    case nil, .toggle: return found(.nothing, from: start)
    case .column:
      let comma = characters[start...].lastIndex(of: ",")
      return column(from: comma.map { $0 + 1 } ?? start)
    case .rowExpression: return rowExpression()
    case .some(let type): return found(.value(type, signature, argument: argument), from: start)
    }
  }

  private func column(from start: Int) -> CursorContext {
    guard !outline.pipes.isEmpty else { return found(.nothing, from: start) }
    return found(.column(columns: scope.columns?.map(\.name), inExpression: false), from: start)
  }

  private func rowExpression() -> CursorContext {
    let start = nameStart(before: characters.count)
    guard !outline.pipes.isEmpty, quote == nil else { return found(.nothing, from: start) }
    let before = words(in: commandStart..<start).map(\.text)
    if let last = before.last, Double(last) != nil, start == characters.count || characters[start - 1].isWhitespace {
      let units = units(after: before)
      if !units.isEmpty { return found(.word(units + ["and", "or"]), from: start) }
    }
    return found(.column(columns: scope.columns?.map(\.name), inExpression: true), from: start)
  }

  /// Units that fit the last column before the cursor.
  private func units(after words: [String]) -> [String] {
    let columns = scope.columns ?? []
    let named = words.reversed().lazy.flatMap { word in
      word.split { !$0.continuesName }.reversed().compactMap { part in columns.first { $0.name == part } }
    }.first
    guard let named, case .unit(let unit, _) = named.type.unit else { return [] }
    return [unit.name] + Unit.known.filter { $0 != unit.name && Unit(name: $0).factor(to: unit) != nil }
  }

  // MARK: Words

  /// A word of a command before the cursor.
  struct Word {
    let text: String
    let isQuoted: Bool
  }

  /// The words of a range; brackets and their contents are part of their word.
  private func words(in range: Range<Int>) -> [Word] {
    var words: [Word] = []
    var text = ""
    var isQuoted = false
    var quote: Character?
    var depth = 0
    func close() {
      if !text.isEmpty || isQuoted { words.append(Word(text: text, isQuoted: isQuoted)) }
      text = ""
      isQuoted = false
    }
    for character in characters[range] {
      if let open = quote {
        if character == open { quote = nil } else { text.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        isQuoted = true
      } else if character.isWhitespace, depth == 0 {
        close()
      } else {
        if "([{".contains(character) { depth += 1 }
        if ")]}".contains(character) { depth = max(0, depth - 1) }
        text.append(character)
      }
    }
    close()
    return words
  }

  /// The words of the command itself, after `let x =`, `if` and similar. Nil where no command is possible yet.
  private func commandWords(_ words: [Word]) -> [Word]? {
    guard outline.pipes.isEmpty, let first = words.first, !first.isQuoted else { return words }
    switch first.text {
    case "let":
      guard let equals = words.firstIndex(where: { $0.text.contains("=") }) else { return nil }
      return Array(words[(equals + 1)...])
    case "if", "assert": return Array(words.dropFirst())
    case "for":
      guard let keyword = words.firstIndex(where: { $0.text == "in" }) else { return nil }
      return Array(words[(keyword + 1)...])
    case "param", "def": return nil
    default: return words
    }
  }

  private func found(_ expectation: CursorContext.Expectation, from start: Int) -> CursorContext {
    let start = min(start, characters.count)
    return CursorContext(
      expectation: expectation, prefix: String(characters[start...]), replacing: start..<characters.count,
      quote: quote, variables: scope.variables.keys.sorted(), signatures: signatures)
  }
}
