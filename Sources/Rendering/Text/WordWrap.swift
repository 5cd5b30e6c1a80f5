/// Breaks lines between words, so that a terminal does not break them within words.
package enum WordWrap {
  /// The lines of `text`, none wider than `width` unless a word is; what follows the first of a line's parts is indented as
  /// the line is, or to its last column where it has columns (two spaces or more between words).
  package static func lines(_ text: String, to width: Int?) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
      guard let width, DisplayWidth.of(line) > width else { return [String(line)] }
      return wrapped(String(line), to: width, indent: indent(of: line, width: width))
    }
  }

  /// One line, broken between words; the lines after the first have `indent` spaces before them.
  ///
  /// - Parameter keepsCommands: whether what stands between backticks is one word, so that it can be copied.
  static func wrapped(_ line: String, to width: Int, indent: Int, keepsCommands: Bool = false) -> [String] {
    var words = line.split(separator: " ", omittingEmptySubsequences: false)
    if keepsCommands { words = withWholeCommands(words, of: line) }
    var lines: [String] = []
    var current = ""
    var used = 0
    var isFirst = true
    for word in words {
      let size = DisplayWidth.of(word)
      if !isFirst, used + 1 + size > width, used > indent {
        while current.last == " " { current.removeLast() }
        lines.append(current)
        if word.isEmpty {
          // Spaces at a break are left out.
          current = String(repeating: " ", count: max(0, indent - 1))
          used = current.count
          continue
        }
        current = String(repeating: " ", count: indent) + word
        used = indent + size
      } else {
        current += isFirst ? String(word) : " " + word
        used += isFirst ? size : size + 1
      }
      isFirst = false
    }
    return lines + [current]
  }

  /// The words of a line, those between two backticks as one.
  private static func withWholeCommands(_ words: [Substring], of line: String) -> [Substring] {
    guard line.count(where: { $0 == "`" }).isMultiple(of: 2) else { return words }
    var whole: [Substring] = []
    var isInside = false
    for word in words {
      if isInside, let last = whole.popLast() {
        whole.append(line[last.startIndex..<word.endIndex])
      } else {
        whole.append(word)
      }
      if !word.count(where: { $0 == "`" }).isMultiple(of: 2) { isInside.toggle() }
    }
    return whole
  }

  /// Where the last column of a line begins, if that leaves room for text; otherwise its own indentation.
  private static func indent(of line: Substring, width: Int) -> Int {
    let leading = line.prefix { $0 == " " }.count
    var last = leading
    var position = leading
    var spaces = 0
    for character in line.dropFirst(leading) {
      if character != " ", spaces >= 2, position <= width / 2 { last = position }
      spaces = character == " " ? spaces + 1 : 0
      position += DisplayWidth.of(character)
    }
    return last <= width / 2 ? last : min(leading, width / 2)
  }
}
