import Base

/// Works out what is expected at a cursor in text that need not be whole.
struct CursorFinder {
  private let characters: [Character]
  private let outline: Outline
  private let signatures: SignatureTable
  private let variableColumns: [String: [String]]

  /// A word of a command before the cursor.
  private struct Word {
    let text: String
    let isQuoted: Bool
  }

  init(_ text: String, cursor: Int, signatures: SignatureTable, variableColumns: [String: [String]]) {
    characters = Array(text.prefix(max(0, cursor)))
    outline = Outline(of: characters)
    self.signatures = signatures
    self.variableColumns = variableColumns
  }

  func context() -> CursorContext {
    if outline.isInComment { return found(.nothing, from: characters.count) }
    if let variable = variable() { return variable }
    if let opening = outline.open.last, opening.mark == "(" || opening.mark == "[" {
      let call = opening.offset > 0 && characters[opening.offset - 1].continuesName
      if opening.mark == "[" || call { return insideExpression() }
    }
    return inCommand()
  }

  // MARK: Variables

  /// `$na` or `$table.co` before the cursor.
  private func variable() -> CursorContext? {
    if quote == "'" { return nil }
    let start = nameStart(before: characters.count)
    if start > 0, characters[start - 1] == "$" { return found(.variable, from: start) }
    guard quote == nil, start > 1, characters[start - 1] == "." else { return nil }
    let base = nameStart(before: start - 1)
    guard base > 0, base < start - 1, characters[base - 1] == "$" else { return nil }
    let name = String(characters[base..<start - 1])
    return found(
      .column(pipeline: "$\(name)", columns: variableColumns[name], inExpression: false), from: start)
  }

  private func nameStart(before end: Int) -> Int {
    var start = end
    while start > 0, characters[start - 1].continuesName { start -= 1 }
    return start
  }

  // MARK: Commands

  private var quote: Character? {
    guard let mark = outline.open.last?.mark, mark == "\"" || mark == "'" else { return nil }
    return mark
  }

  /// Where the command begins that the cursor is in.
  private var commandStart: Int { outline.pipes.last.map { $0 + 1 } ?? outline.start }

  /// Where the word at the cursor begins, behind its quote.
  private var wordStart: Int {
    if quote != nil, let opening = outline.open.last { return opening.offset + 1 }
    var start = characters.count
    while start > commandStart, !characters[start - 1].isWhitespace { start -= 1 }
    return start
  }

  private func inCommand() -> CursorContext {
    let start = wordStart
    let before = quote == nil ? start : start - 1
    guard var words = commandWords(words(in: commandStart..<max(commandStart, before))) else {
      return found(.nothing, from: start)
    }
    guard !words.isEmpty else {
      let mayBeCommand = quote == nil && (start == characters.count || characters[start].startsName)
      return found(mayBeCommand ? .command : .nothing, from: start)
    }
    if words[0].text == "source", words.count == 1 { return value(.path, of: Self.source, "file", from: start) }
    guard let signature = signatures[words.removeFirst().text] else { return found(.nothing, from: start) }
    return argument(of: signature, after: words, from: start)
  }

  /// `source` as a command, for the path that it takes.
  private static let source = Signature("source", in: "language", "Runs a file here").argument("file", .path, "File")

  /// `>` as a command, for the path that follows it.
  private static let redirection = Signature(">", in: "language", "Writes the result to a file")
    .argument("file", .path, "File")

  private func argument(of signature: Signature, after words: [Word], from start: Int) -> CursorContext {
    let token = String(characters[start...])
    if quote == nil, token.hasPrefix("--") {
      let name = String(token.dropFirst(2).prefix { $0 != "=" })
      guard token.contains("=") else { return found(.flag(signature, used: usedFlags(words)), from: start) }
      return flagValue(name, of: signature, from: start + name.count + 3)
    }
    if quote == nil, let equals = token.firstIndex(of: "="),
      case let name = String(token[..<equals]), signature.flag(named: name) != nil
    {
      return flagValue(name, of: signature, from: start + name.count + 1)
    }
    if let last = words.last, !last.isQuoted {
      if last.text == ">", !signature.positional.contains(where: { $0.type == .rowExpression }) {
        return value(.path, of: Self.redirection, "file", from: start)
      }
      if last.text.hasPrefix("--"), !last.text.contains("=") {
        let name = String(last.text.dropFirst(2))
        let type = signature.flag(named: name)?.type ?? signature.argument(flag: name)?.type
        if type != nil, type != .toggle { return flagValue(name, of: signature, from: start) }
      } else if let target = signature.argument(keyword: last.text) {
        return value(target.type, of: signature, target.name, from: start)
      }
    }
    let positional = signature.positional
    if positional.contains(where: { $0.type == .rowExpression }) {
      return column(from: nameStart(before: characters.count), inExpression: true)
    }
    let given = givenPositional(words, signature)
    if given < positional.count {
      return value(positional[given].type, of: signature, positional[given].name, from: start)
    }
    if let last = positional.last, last.isRepeating { return value(last.type, of: signature, last.name, from: start) }
    let open = signature.arguments.compactMap(\.keyword).filter { keyword in
      !words.contains { $0.text == keyword || $0.text == "--\(keyword)" }
    }
    if quote == nil, !open.isEmpty { return found(.keyword(open, signature), from: start) }
    return token.isEmpty
      ? found(.flag(signature, used: usedFlags(words)), from: start) : found(.nothing, from: start)
  }

  private func flagValue(_ name: String, of signature: Signature, from start: Int) -> CursorContext {
    if let target = signature.argument(flag: name) {
      return value(target.type, of: signature, target.name, from: start)
    }
    guard let flag = signature.flag(named: name), flag.type != .toggle else { return found(.nothing, from: start) }
    return value(flag.type, of: signature, name, from: start)
  }

  private func value(_ type: ArgumentType, of signature: Signature, _ argument: String, from start: Int)
    -> CursorContext
  {
    switch type {
    case .column:
      let comma = characters[start...].lastIndex(of: ",")
      return column(from: comma.map { $0 + 1 } ?? start, inExpression: false)
    case .rowExpression: return column(from: nameStart(before: characters.count), inExpression: true)
    default: return found(.value(type, signature, argument: argument), from: start)
    }
  }

  /// Within `f( … )` or `[ … ]`: columns where the command takes expressions over columns.
  private func insideExpression() -> CursorContext {
    let start = nameStart(before: characters.count)
    // The text without the brackets that are open says which command this is.
    guard let first = outline.open.first(where: { $0.mark == "(" || $0.mark == "[" }) else {
      return found(.nothing, from: start)
    }
    let outer = CursorFinder(
      String(characters[..<first.offset]) + " ", cursor: first.offset + 1, signatures: signatures,
      variableColumns: variableColumns)
    guard case .column(let pipeline, let columns, true) = outer.context().expectation else {
      return found(.nothing, from: start)
    }
    return found(.column(pipeline: pipeline, columns: columns, inExpression: true), from: start)
  }

  private func column(from start: Int, inExpression: Bool) -> CursorContext {
    guard let pipe = outline.pipes.last else { return found(.nothing, from: start) }
    let pipeline = String(characters[outline.start..<pipe])
    let columns = Checker(signatures: signatures).columns(ofPipeline: pipeline, variableColumns)
    return found(.column(pipeline: pipeline, columns: columns, inExpression: inExpression), from: start)
  }

  // MARK: Words

  /// The words of a range; brackets and what is in them belong to their word.
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

  /// The words of the command itself, behind `let x =`, `if` and the like. Nil where no command can stand yet.
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

  private func usedFlags(_ words: [Word]) -> Set<String> {
    Set(
      words.filter { !$0.isQuoted && $0.text.hasPrefix("--") }.map { String($0.text.dropFirst(2).prefix { $0 != "=" }) }
    )
  }

  /// How many words are neither flags, nor keywords, nor values of such.
  private func givenPositional(_ words: [Word], _ signature: Signature) -> Int {
    var count = 0
    var takesValue = false
    for word in words {
      if takesValue {
        takesValue = false
      } else if !word.isQuoted, word.text.hasPrefix("--") {
        let name = String(word.text.dropFirst(2))
        let type = signature.flag(named: name)?.type ?? signature.argument(flag: name)?.type
        takesValue = type != nil && type != .toggle
      } else if !word.isQuoted, signature.argument(keyword: word.text) != nil {
        takesValue = true
      } else {
        count += 1
      }
    }
    return count
  }

  private func found(_ expectation: CursorContext.Expectation, from start: Int) -> CursorContext {
    let start = min(start, characters.count)
    return CursorContext(
      expectation: expectation, prefix: String(characters[start...]), replacing: start..<characters.count, quote: quote)
  }
}
