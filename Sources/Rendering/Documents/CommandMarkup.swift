import Base

/// Syntax highlighting of a command line in HTML.
enum CommandMarkup {
  /// Classes: `c` command, `k` keyword, `f` flag, `s` text, `v` variable, `n` number, `p` pipe, `m` comment.
  static func html(_ text: String) -> String {
    var out = ""
    for piece in pieces(text) {
      let safe = HTMLText.escaped(SafeText.block(piece.text))
      out += piece.kind.map { "<span class=\"\($0)\">\(safe)</span>" } ?? safe
    }
    return out
  }

  private static let keywords: Set<String> = [
    "let", "param", "if", "else", "for", "in", "def", "source", "assert", "and", "or", "not", "true", "false", "null",
    "on", "as", "by",
  ]

  static func pieces(_ text: String) -> [(text: String, kind: Character?)] {
    let characters = Array(text)
    var pieces: [(text: String, kind: Character?)] = []
    var position = 0
    // Whether a word here is a command: at the beginning of a statement or pipeline stage.
    var startsCommand = true
    func take(_ kind: Character?, while holds: (Character) -> Bool) {
      let start = position
      repeat { position += 1 } while position < characters.count && holds(characters[position])
      pieces.append((String(characters[start..<position]), kind))
    }
    func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }
    while position < characters.count {
      let character = characters[position]
      let isAfterBlank = position == 0 || characters[position - 1].isWhitespace
      switch character {
      case _ where character.isWhitespace:
        if character.isNewline { startsCommand = true }
        take(nil) { $0.isWhitespace && !$0.isNewline && !character.isNewline }
      case "#" where isAfterBlank: take("m") { !$0.isNewline }
      case "'", "\"":
        var isEscaped = false
        var isClosed = false
        take("s") { next in
          if isClosed { return false }
          if next == character, !isEscaped { isClosed = true }
          isEscaped = next == "\\" && character == "\"" && !isEscaped
          return true
        }
        startsCommand = false
      case "$":
        var isInBraces = false
        take("v") { next in
          if next == "{" { isInBraces = true }
          if next == "}", isInBraces {
            isInBraces = false
            return true
          }
          return isWord(next) || isInBraces
        }
        startsCommand = false
      case "-" where isAfterBlank && position + 2 < characters.count && characters[position + 1] == "-":
        take("f") { isWord($0) || $0 == "-" }
      case "|", ">":
        take("p") { _ in false }
        startsCommand = character == "|"
      case ";", "{", "(":
        // Arguments of a function are not commands.
        let isCall = character == "(" && position > 0 && isWord(characters[position - 1])
        take(nil) { _ in false }
        startsCommand = !isCall
      case _ where character.isNumber && isAfterBlank:
        take("n") { isWord($0) || $0 == "." }
        startsCommand = false
      case _ where character.isLetter || character == "_":
        let start = position
        take(nil) { isWord($0) || $0 == "-" || $0 == "." || $0 == "/" }
        let word = String(characters[start..<position])
        // In a record, a word before a colon is a field's name.
        let isField = position < characters.count && characters[position] == ":"
        let isKeyword = keywords.contains(word) && !isField
        pieces[pieces.count - 1].kind = isKeyword ? "k" : startsCommand && !isField ? "c" : nil
        startsCommand = ["if", "in", "assert", "else"].contains(word)
      case "=":
        take(nil) { _ in false }
        startsCommand = isAfterBlank
      default: take(nil) { _ in false }
      }
    }
    return pieces
  }
}
