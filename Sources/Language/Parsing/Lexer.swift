import Base

/// Reads characters, words and tokens of command text, at a position that only moves forward.
///
/// Command arguments and expressions have different words, so the parser says which of them it expects.
struct Lexer {
  let source: SourceText
  /// The units that may follow a number: asked for where letters follow one.
  var units: () -> Set<String> = { [] }
  var position = 0

  var isAtEnd: Bool { position >= source.count }
  var current: Character? { character(at: position) }

  func character(at offset: Int) -> Character? { offset < source.count ? source.characters[offset] : nil }

  func span(from start: Int) -> SourceSpan { source.span(start..<max(start, position)) }

  func span(_ range: Range<Int>) -> SourceSpan { source.span(range) }

  /// Skips spaces and comments, and with `lines` also line ends.
  mutating func skipBlanks(lines: Bool) {
    while let character = current {
      if character.isBlank || (lines && character.endsLine) {
        position += 1
      } else if character == "#" {
        while let next = current, !next.endsLine { position += 1 }
      } else {
        return
      }
    }
  }

  /// Moves to the next character that is not a space, if `holds` is true for it. Otherwise the position stays, so that a node
  /// ends where its text ends.
  mutating func skipBlanks(lines: Bool, if holds: (Character) -> Bool) -> Bool {
    var ahead = self
    ahead.skipBlanks(lines: lines)
    guard let character = ahead.current, holds(character) else { return false }
    position = ahead.position
    return true
  }

  /// Moves past the character if it is the current one.
  mutating func take(_ character: Character) -> Bool {
    guard current == character else { return false }
    position += 1
    return true
  }

  /// Moves past characters for which `holds` is true.
  mutating func take(while holds: (Character) -> Bool) -> String {
    let start = position
    while let character = current, holds(character) { position += 1 }
    return source.text(start..<position)
  }

  /// A name at the position, or an empty string.
  mutating func takeName() -> String {
    guard let character = current, character.startsName else { return "" }
    return take(while: \.continuesName)
  }

  /// The next token of an expression; the position stays.
  func peekToken(lines: Bool, flags: Bool) throws -> Token {
    var ahead = self
    return try ahead.takeToken(lines: lines, flags: flags)
  }

  /// - Parameters:
  ///   - lines: whether line ends count as spaces here.
  ///   - flags: whether `--name` is a flag here, instead of two minus signs.
  mutating func takeToken(lines: Bool, flags: Bool) throws -> Token {
    let before = position
    skipBlanks(lines: lines)
    let start = position
    guard let character = current else { return Token(kind: .endOfText, range: start..<start) }
    let afterBlank = start > before || start == 0
    let kind: Token.Kind
    if character.endsLine {
      position += 1
      kind = .endOfLine
    } else if character.isASCIIDigit {
      kind = try takeNumber()
    } else if character.startsName {
      kind = .name(takeName())
    } else if character == "$" {
      kind = .variable(try takeVariable())
    } else if character == "\"" || character == "'" {
      position += 1
      kind = .quote(character)
    } else if flags, afterBlank, startsFlag {
      kind = .flag
    } else if "()[]{},:|;".contains(character) {
      position += 1
      kind = .mark(character)
    } else {
      kind = .operation(try takeOperator())
    }
    return Token(kind: kind, range: start..<position)
  }

  /// Whether `--name` is at the position.
  var startsFlag: Bool {
    current == "-" && character(at: position + 1) == "-" && character(at: position + 2)?.startsName == true
  }

  /// Reads `$name`, with the dollar at the position.
  mutating func takeVariable() throws -> String {
    let start = position
    position += 1
    let name = takeName()
    guard !name.isEmpty else {
      throw Failure(
        .usage, "a name is expected after `$`", hint: "put text that contains `$` in single quotes",
        span: span(from: start))
    }
    return name
  }

  /// Reads an unsigned number of an expression.
  mutating func takeNumber() throws -> Token.Kind {
    let start = position
    if let date = date(at: start) {
      throw Failure(
        .usage, "`\(source.text(date))` would be arithmetic, not a date",
        hint: "write dates in quotes: '\(source.text(date))'",
        span: span(date))
    }
    var isWhole = true
    _ = take(while: \.isASCIIDigit)
    if current == ".", character(at: position + 1)?.isASCIIDigit == true {
      isWhole = false
      position += 1
      _ = take(while: \.isASCIIDigit)
    }
    if current == "e" || current == "E" {
      let signed = character(at: position + 1) == "-" || character(at: position + 1) == "+"
      if character(at: position + (signed ? 2 : 1))?.isASCIIDigit == true {
        isWhole = false
        position += signed ? 2 : 1
        _ = take(while: \.isASCIIDigit)
      }
    }
    if let next = current, next.startsName, unit(at: position) == nil {
      _ = take(while: \.continuesName)
      throw Failure(
        .usage, "`\(source.text(start..<position))` is not a number", hint: "put text in quotes",
        span: span(from: start))
    }
    let text = source.text(start..<position)
    if isWhole, let value = Int(text) { return .int(value) }
    if !isWhole, let value = Double(text), value.isFinite { return .double(value) }
    throw Failure(.usage, "the number `\(text)` is too large", span: span(from: start))
  }

  /// Where `2026-01-10`, `2026/1/10` or `10.01.2026` stands at an offset.
  private func date(at offset: Int) -> Range<Int>? {
    var numbers: [(value: Int, count: Int)] = []
    var end = offset
    var mark: Character?
    while numbers.count < 3 {
      let first = end
      while end - first < 5, character(at: end)?.isASCIIDigit == true { end += 1 }
      guard let number = Int(source.text(first..<end)) else { return nil }
      numbers.append((number, end - first))
      guard numbers.count < 3 else { break }
      guard let next = character(at: end), "-/.".contains(next), mark ?? next == next else { return nil }
      mark = next
      end += 1
    }
    if let next = character(at: end), next.continuesName || next == "." { return nil }
    let ordered = numbers[0].count == 4 ? numbers : numbers.reversed()
    let isDate =
      ordered[0].count == 4 && (1900...2099).contains(ordered[0].value)
      && ordered[1...].allSatisfy { (1...31).contains($0.value) && $0.count <= 2 }
      && ordered[1...].contains { $0.value <= 12 }
    return isDate ? offset..<end : nil
  }

  /// Reads the unit after a number, with or without spaces between them.
  mutating func takeUnit() -> String? {
    var start = position
    while let character = character(at: start), character.isBlank { start += 1 }
    guard let name = unit(at: start) else { return nil }
    position = start + name.count
    return name
  }

  /// The longest unit at an offset that is a whole word, such as `bits/spike`.
  private func unit(at offset: Int) -> String? {
    var end = offset
    var longest: String?
    guard character(at: end)?.isLetter ?? false else { return nil }
    let units = units()
    while let next = character(at: end), next.isLetter {
      while let letter = character(at: end), letter.continuesName { end += 1 }
      let name = source.text(offset..<end)
      if units.contains(name), character(at: end) != "(" { longest = name }
      guard character(at: end) == "/" else { break }
      end += 1
    }
    return longest
  }

  private mutating func takeOperator() throws -> String {
    let start = position
    let two = source.text(start..<min(start + 2, source.count))
    if ["==", "!=", "<=", ">=", "=~", "**"].contains(two) {
      position += 2
      return two
    }
    let one = source.text(start..<start + 1)
    position += 1
    if ["<", ">", "+", "-", "*", "/", "%", ".", "="].contains(one) { return one }
    let words = ["&": "write `and`, not `&&`", "!": "write `not`, not `!`"]
    throw Failure(
      .usage, "unexpected `\(one)` in an expression", hint: words[one] ?? "put text in quotes", span: span(from: start))
  }
}
