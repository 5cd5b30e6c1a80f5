import Base

extension Character {
  /// A space within a line.
  var isBlank: Bool { isWhitespace && !endsLine }
  var startsName: Bool { isLetter || self == "_" }
  var continuesName: Bool { isLetter || self == "_" || isASCIIDigit }
  var isASCIIDigit: Bool { ("0"..."9").contains(self) }
  var isQuote: Bool { self == "\"" || self == "'" }
  /// Letters, digits, `-` and `_` form a command's word.
  var continuesCommand: Bool { continuesName || self == "-" }

  /// Whether a bareword may contain the character.
  var continuesWord: Bool {
    if isWhitespace { return false }
    switch self {
    case "|", ";", "(", ")", "{", "}", "[", "]", "\"", "'", "$": return false
    default: return true
    }
  }

  /// Whether a bareword may begin with the character: `#` begins a comment, `>` names a file.
  var startsWord: Bool { continuesWord && self != "#" && self != "," && self != ">" }
}
