/// Number of terminal columns of a text: two for wide East Asian characters and emoji, none for combining marks.
public enum DisplayWidth {
  public static func of(_ text: some StringProtocol) -> Int {
    // Most texts are ASCII, where columns are bytes.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text.utf8.count }
    return text.reduce(0) { $0 + of($1) }
  }

  public static func of(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if first.value < 0x300 { return first.properties.generalCategory == .control ? 0 : 1 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if first.properties.isEmojiPresentation { return 2 }
    // Variation selector 16 asks for the emoji form.
    if character.unicodeScalars.contains(where: { $0.value == 0xfe0f }) { return 2 }
    return wide.contains { $0.contains(first.value) } ? 2 : 1
  }

  /// The longest beginning of `text` that fits into `width` columns, with `mark` at its end where text was cut.
  public static func cut(_ text: String, to width: Int, mark: String) -> String {
    if of(text) <= width { return text }
    let room = width - of(mark)
    if room < 0 { return "" }
    var kept = ""
    var used = 0
    for character in text {
      used += of(character)
      if used > room { break }
      kept.append(character)
    }
    return kept + mark
  }

  /// What of `text` lies in a range of columns; half of a wide character becomes a space.
  public static func slice(_ text: String, _ range: Range<Int>) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
      return String(text.dropFirst(range.lowerBound).prefix(range.count))
    }
    var out = ""
    var column = 0
    for character in text {
      let width = of(character)
      let isWhole = column >= range.lowerBound && column + width <= range.upperBound
      let isHalf = !isWhole && width == 2 && (column + 1 == range.lowerBound || column + 1 == range.upperBound)
      if isWhole { out.append(character) } else if isHalf { out.append(" ") }
      column += width
      if column >= range.upperBound { break }
    }
    return out
  }

  /// Distributes `parts` over as few lines as possible; a part that is longer than a line is cut.
  static func wrapped(_ parts: [String], separator: String, to width: Int, mark: String) -> [String] {
    var lines: [String] = []
    for part in parts {
      if let last = lines.last, of(Escape.stripped(last + separator + part)) <= width {
        lines[lines.count - 1] = last + separator + part
      } else {
        // Coloured parts are not cut: that would break their escape codes.
        lines.append(part.contains("\u{1b}") ? part : cut(part, to: width, mark: mark))
      }
    }
    return lines
  }

  /// A word in pieces that are no wider than `width`, broken behind `.`, `_`, `/` and `-` where that is possible: none of
  /// it is lost.
  static func broken(_ word: String, to width: Int) -> [String] {
    guard width > 0, of(word) > width else { return [word] }
    var pieces = [""]
    func add(_ part: some StringProtocol) {
      pieces[pieces.count - 1] += part
    }
    var rest = word[...]
    while !rest.isEmpty {
      let end = rest.firstIndex { "._/-".contains($0) }.map { rest.index(after: $0) } ?? rest.endIndex
      let part = rest[..<end]
      rest = rest[end...]
      if of(pieces[pieces.count - 1] + part) <= width {
        add(part)
      } else if of(String(part)) <= width {
        pieces.append(String(part))
      } else {
        for character in part {
          if of(pieces[pieces.count - 1] + String(character)) > width { pieces.append("") }
          add(String(character))
        }
      }
    }
    return pieces
  }

  public static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
    let fill = String(repeating: " ", count: max(0, width - of(text)))
    return right ? fill + text : text + fill
  }

  /// Blocks with East Asian width W and F (Unicode 15, UAX 11), rounded to whole blocks.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
    0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
    0x17000...0x18cff, 0x1b000...0x1b2ff, 0x1f200...0x1f2ff, 0x20000...0x3fffd,
  ]
}
