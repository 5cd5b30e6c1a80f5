/// A list that was given as text, such as the value of a parameter.
public enum ListText {
  /// The elements of `a,b` or `[a, "b, c"]`, without quotes.
  public static func elements(of text: String) -> [String] {
    var rest = trimmed(text[...])
    if rest.hasPrefix("["), rest.hasSuffix("]") { rest = trimmed(rest.dropFirst().dropLast()) }
    if rest.isEmpty { return [] }
    var elements: [String] = []
    var element = ""
    var quote: Character?
    for character in rest {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "\"" || character == "'" {
        quote = character
      } else if quote == nil, character == "," {
        elements.append(String(trimmed(element[...])))
        element = ""
      } else {
        element.append(character)
      }
    }
    return elements + [String(trimmed(element[...]))]
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop(while: \.isWhitespace)
    return start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)]
  }
}
