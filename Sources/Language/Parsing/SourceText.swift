import Base

/// Command text with its name, addressed by character.
public struct SourceText: Sendable {
  /// File name, or `<command>` / `<prompt>`.
  public let name: String
  let characters: [Character]
  /// Offset of each line's first character.
  private let lineStarts: [Int]

  public init(_ text: String, name: String) {
    self.name = name
    characters = Array(text)
    var starts = [0]
    for (offset, character) in characters.enumerated() where character.endsLine { starts.append(offset + 1) }
    lineStarts = starts
  }

  var count: Int { characters.count }

  /// The place of a range. A range over several lines is cut at the end of its first.
  func span(_ range: Range<Int>) -> SourceSpan {
    let line = lineIndex(of: range.lowerBound)
    let start = lineStarts[line]
    let end = min(range.upperBound, lineEnd(line))
    return SourceSpan(
      source: name, line: line + 1, column: range.lowerBound - start + 1, length: end - range.lowerBound)
  }

  func text(_ range: Range<Int>) -> String { String(characters[range]) }

  /// Line `number`, from 1, without its end. Nil where there is no such line.
  public func line(_ number: Int) -> String? {
    guard lineStarts.indices.contains(number - 1) else { return nil }
    return String(characters[lineStarts[number - 1]..<lineEnd(number - 1)])
  }

  private func lineEnd(_ index: Int) -> Int {
    index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : characters.count
  }

  private func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}

extension Character {
  var endsLine: Bool { self == "\n" || self == "\r\n" || self == "\r" }
  /// Blank within a line.
  var isBlank: Bool { isWhitespace && !endsLine }
  var startsName: Bool { isLetter || self == "_" }
  var continuesName: Bool { isLetter || self == "_" || isASCIIDigit }
  var isASCIIDigit: Bool { ("0"..."9").contains(self) }
  var isQuote: Bool { self == "\"" || self == "'" }
  /// Letters, digits, `-` and `_` make a command's word.
  var continuesCommand: Bool { continuesName || self == "-" }

  /// Whether the character may stand inside a bareword.
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
