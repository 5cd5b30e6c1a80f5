/// Turns the text of a regular expression into the steps of a `TextMatcher`.
struct PatternParser {
  private typealias Step = TextMatcher.Step
  private typealias Problem = TextMatcher.Problem

  private let pattern: [Character]
  private var place = 0
  private var ignoresCase = false
  private var depth = 0

  private static let depthLimit = 200
  private static let repetitionLimit = 1000

  init(_ pattern: String) { self.pattern = Array(pattern) }

  mutating func compiled() throws -> [TextMatcher.Step] {
    if pattern.starts(with: "(?i)") {
      ignoresCase = true
      place = 4
    }
    let steps = try alternatives()
    guard place == pattern.count else { throw Problem(reason: "`)` closes nothing") }
    return steps + [.found]
  }

  private var next: Character? { place < pattern.count ? pattern[place] : nil }

  private mutating func take(_ character: Character) -> Bool {
    guard next == character else { return false }
    place += 1
    return true
  }

  private func checked(_ steps: [Step]) throws -> [Step] {
    guard steps.count < TextMatcher.stateLimit else { throw Problem(reason: "it is too large") }
    return steps
  }

  /// Steps refer to each other by number from their own start: `moved` makes a part fit its place.
  private func moved(_ steps: [Step], by offset: Int) -> [Step] {
    steps.map { step in
      switch step {
      case .fork(let a, let b): .fork(a + offset, b + offset)
      case .jump(let target): .jump(target + offset)
      default: step
      }
    }
  }

  private func joined(_ a: [Step], _ b: [Step]) throws -> [Step] { try checked(a + moved(b, by: a.count)) }

  private mutating func alternatives() throws -> [Step] {
    var first = try sequence()
    while take("|") {
      let second = try sequence()
      // fork, first, jump to the end, second
      let both =
        [.fork(1, first.count + 2)] + moved(first, by: 1) + [.jump(first.count + second.count + 2)]
        + moved(second, by: first.count + 2)
      first = try checked(both)
    }
    return first
  }

  private mutating func sequence() throws -> [Step] {
    var steps: [Step] = []
    while let character = next, character != "|", character != ")" {
      steps = try joined(steps, try repeated(atom()))
    }
    return steps
  }

  private mutating func repeated(_ part: [Step]) throws -> [Step] {
    var part = part
    while let character = next {
      switch character {
      case "*": part = star(part)
      case "+": part = try joined(part, star(part))
      case "?": part = optional(part)
      case "{":
        guard let (least, most) = bounds() else { return part }
        part = try repeated(part, least, most)
        _ = take("?")
        continue
      default: return part
      }
      place += 1
      // Which of several matches is taken makes no difference here: a lazy repetition is a repetition.
      _ = take("?")
    }
    return part
  }

  private func star(_ part: [Step]) -> [Step] {
    [.fork(1, part.count + 2)] + moved(part, by: 1) + [.jump(0)]
  }

  private func optional(_ part: [Step]) -> [Step] { [.fork(1, part.count + 1)] + moved(part, by: 1) }

  private func repeated(_ part: [Step], _ least: Int, _ most: Int?) throws -> [Step] {
    guard least <= Self.repetitionLimit, most ?? 0 <= Self.repetitionLimit, most ?? least >= least else {
      throw Problem(reason: "a repetition may be up to \(Self.repetitionLimit)")
    }
    var steps: [Step] = []
    for _ in 0..<least { steps = try joined(steps, part) }
    guard let most else { return try joined(steps, star(part)) }
    for _ in least..<most { steps = try joined(steps, optional(part)) }
    return steps
  }

  /// `{m}`, `{m,}` or `{m,n}`; nil where the brace is something else.
  private mutating func bounds() -> (Int, Int?)? {
    guard let close = pattern[place...].firstIndex(of: "}") else { return nil }
    let parts = String(pattern[(place + 1)..<close]).split(separator: ",", omittingEmptySubsequences: false)
    guard let first = parts.first, let least = Int(first), least >= 0, parts.count <= 2 else { return nil }
    guard parts.count == 2 else {
      place = close + 1
      return (least, least)
    }
    if parts[1].isEmpty {
      place = close + 1
      return (least, nil)
    }
    guard let most = Int(parts[1]), most >= 0 else { return nil }
    place = close + 1
    return (least, most)
  }

  private func one(_ parts: [TextMatcher.CharacterSet.Part], isInverted: Bool = false) -> [Step] {
    [.one(TextMatcher.CharacterSet(parts: parts, isInverted: isInverted, ignoresCase: ignoresCase))]
  }

  private mutating func atom() throws -> [Step] {
    guard let character = next else { return [] }
    place += 1
    switch character {
    case ".": return one([.any])
    case "^": return [.start]
    case "$": return [.end]
    case "[": return try characterClass()
    case "(": return try group()
    case "\\": return try escape()
    case "*", "+", "?": throw Problem(reason: "`\(character)` repeats nothing")
    default: return one([.range(character, character)])
    }
  }

  private mutating func group() throws -> [Step] {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else { throw Problem(reason: "it nests more than \(Self.depthLimit) deep") }
    if take("?") {
      if take("P") || next == "<" && place + 1 < pattern.count && !"=!".contains(pattern[place + 1]) {
        guard take("<"), let close = pattern[place...].firstIndex(of: ">") else {
          throw Problem(reason: "a group's name has no end")
        }
        place = close + 1
      } else if !take(":") {
        throw Problem(reason: "vcsh has no look-around, and no options inside a pattern")
      }
    }
    let steps = try alternatives()
    guard take(")") else { throw Problem(reason: "`(` is not closed") }
    return steps
  }

  private mutating func escape() throws -> [Step] {
    guard let character = next else { throw Problem(reason: "`\\` ends it") }
    place += 1
    switch character {
    case "b": return [.wordEdge(true)]
    case "B": return [.wordEdge(false)]
    case "A": return [.start]
    case "z", "Z": return [.end]
    case "1"..."9": throw Problem(reason: "vcsh has no references to groups")
    default:
      if let part = part(of: character) { return one([part]) }
      guard !character.isLetter else { throw Problem(reason: "`\\\(character)` is unknown") }
      return one([.range(character, character)])
    }
  }

  private func part(of character: Character) -> TextMatcher.CharacterSet.Part? {
    switch character {
    case "d": .digit(true)
    case "D": .digit(false)
    case "w": .word(true)
    case "W": .word(false)
    case "s": .space(true)
    case "S": .space(false)
    case "n": .range("\n", "\n")
    case "t": .range("\t", "\t")
    case "r": .range("\r", "\r")
    default: nil
    }
  }

  private mutating func characterClass() throws -> [Step] {
    let isInverted = take("^")
    var parts: [TextMatcher.CharacterSet.Part] = []
    var isFirst = true
    while let character = next, isFirst || character != "]" {
      isFirst = false
      place += 1
      guard character != "[" || next != ":" else { throw Problem(reason: "vcsh has no classes of the form [:alpha:]") }
      var low = character
      if character == "\\" {
        guard let escaped = next else { break }
        place += 1
        if let part = part(of: escaped) {
          parts.append(part)
          continue
        }
        low = escaped
      }
      guard next == "-", place + 1 < pattern.count, pattern[place + 1] != "]" else {
        parts.append(.range(low, low))
        continue
      }
      place += 1
      var high = pattern[place]
      place += 1
      if high == "\\", let escaped = next {
        high = escaped
        place += 1
      }
      guard low <= high else { throw Problem(reason: "the range \(low)-\(high) is empty") }
      parts.append(.range(low, high))
    }
    guard take("]") else { throw Problem(reason: "`[` is not closed") }
    return one(parts, isInverted: isInverted)
  }
}
