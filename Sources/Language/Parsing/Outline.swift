/// The brackets, quotes and pipes of command text that may be unfinished, for prompts and completion.
struct Outline {
  /// A bracket or quote that is open at the end of the text.
  struct Opening {
    let mark: Character
    let offset: Int
  }

  /// Open brackets and quotes, outermost first.
  private(set) var open: [Opening] = []
  /// Offsets of the pipes in the innermost statement or bracket that is open at the end.
  private(set) var pipes: [Int] = []
  /// Where the innermost statement or bracket begins that is open at the end.
  private(set) var start = 0
  private(set) var endsInPipe = false
  /// Whether the end is inside a comment.
  private(set) var isInComment = false
  private var outer: [(start: Int, pipes: [Int])] = []

  init(of text: String) { self.init(of: Array(text)) }

  init(of characters: [Character]) {
    var offset = 0
    var atWordStart = true
    while offset < characters.count {
      let character = characters[offset]
      if let quote = open.last?.mark, quote == "\"" || quote == "'" {
        if character == "\\", quote == "\"" {
          offset += 1
        } else if character == quote {
          _ = open.popLast()
        } else if quote == "\"", character == "$", offset + 1 < characters.count, characters[offset + 1] == "{" {
          offset += 1
          enter("{", at: offset)
        }
        atWordStart = false
        offset += 1
        continue
      }
      if character == "#", atWordStart {
        while offset < characters.count, !characters[offset].endsLine { offset += 1 }
        isInComment = offset == characters.count
        continue
      }
      step(character, at: offset)
      atWordStart = character.isWhitespace || "|;([{,".contains(character)
      offset += 1
    }
  }

  private mutating func step(_ character: Character, at offset: Int) {
    switch character {
    case "\"", "'": open.append(Opening(mark: character, offset: offset))
    case "(", "[", "{": enter(character, at: offset)
    case ")", "]", "}": leave(character)
    case "|":
      pipes.append(offset)
      endsInPipe = true
      return
    case ";": begin(at: offset + 1)
    default:
      if character.endsLine {
        // Line ends count as spaces in round and square brackets, and after a pipe.
        if !endsInPipe, open.last?.mark != "(", open.last?.mark != "[" { begin(at: offset + 1) }
        return
      }
      if character.isWhitespace { return }
    }
    endsInPipe = false
  }

  private mutating func begin(at offset: Int) {
    start = offset
    pipes = []
  }

  private mutating func enter(_ bracket: Character, at offset: Int) {
    open.append(Opening(mark: bracket, offset: offset))
    outer.append((start, pipes))
    begin(at: offset + 1)
  }

  private mutating func leave(_ bracket: Character) {
    let partner: Character = bracket == ")" ? "(" : bracket == "]" ? "[" : "{"
    guard open.last?.mark == partner else { return }
    _ = open.popLast()
    if let last = outer.popLast() { (start, pipes) = last }
  }
}
