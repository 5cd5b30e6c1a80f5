import Base

/// A regular expression as a machine that follows all its ways at once, so that no pattern can make it try them one by one.
///
/// Source: K. Thompson, Regular expression search algorithm, CACM 1968. Characters, `.`, classes, `\d \w \s \b` and their
/// opposites, `^ $`, groups, `|`, `* + ? {m,n}`, and `(?i)` at the start.
package struct TextMatcher: Sendable {
  package struct Problem: Error { package let reason: String }

  /// What a state of the machine takes, or where it goes without taking anything.
  enum Step: Sendable {
    case one(CharacterSet)
    case fork(Int, Int)
    case jump(Int)
    case start, end
    case wordEdge(Bool)
    case found
  }

  /// Characters that one place of a pattern takes.
  struct CharacterSet: Sendable {
    enum Part: Sendable {
      case range(Character, Character)
      case digit(Bool)
      case word(Bool)
      case space(Bool)
      case any
    }

    var parts: [Part]
    var isInverted = false
    var ignoresCase = false

    func contains(_ character: Character) -> Bool {
      if matches(character) != isInverted { return true }
      guard ignoresCase, !isInverted else { return false }
      return [character.lowercased(), character.uppercased()].contains { $0.count == 1 && matches(Character($0)) }
    }

    private func matches(_ character: Character) -> Bool {
      parts.contains { part in
        switch part {
        case .range(let low, let high): low <= character && character <= high
        case .digit(let wanted): (character.isNumber && character.isWholeNumber) == wanted
        case .word(let wanted): character.isWord == wanted
        case .space(let wanted): character.isWhitespace == wanted
        case .any: !character.isNewline
        }
      }
    }
  }

  /// A pattern like `(a{1000}){1000}` would take all memory.
  static let stateLimit = 20_000

  private let steps: [Step]

  /// - Throws: `Problem` where the pattern is invalid or needs backtracking.
  package init(_ pattern: String) throws {
    var parser = PatternParser(pattern)
    steps = try parser.compiled()
  }

  /// Whether a part of the text matches.
  ///
  /// - Throws: `interrupted`.
  package func matches(_ text: String) throws -> Bool {
    let characters = Array(text)
    var current = StateList(count: steps.count)
    var next = StateList(count: steps.count)
    for place in 0...characters.count {
      if place.isMultiple(of: 64) { try Cancellation.current?.check() }
      // A match may begin anywhere.
      if enter(0, at: place, characters, &current) { return true }
      next.removeAll()
      guard place < characters.count else { return false }
      for state in current.states {
        guard case .one(let set) = steps[state], set.contains(characters[place]) else { continue }
        if enter(state + 1, at: place + 1, characters, &next) { return true }
      }
      swap(&current, &next)
    }
    return false
  }

  /// Adds a state and all that it leads to without taking a character.
  ///
  /// - Returns: whether that reaches the end of the pattern.
  private func enter(_ state: Int, at place: Int, _ text: [Character], _ list: inout StateList) -> Bool {
    var open = [state]
    while let state = open.popLast() {
      guard list.insert(state) else { continue }
      switch steps[state] {
      case .found: return true
      case .one: break
      case .jump(let target): open.append(target)
      case .fork(let a, let b): open += [b, a]
      case .start: if place == 0 { open.append(state + 1) }
      case .end: if place == text.count { open.append(state + 1) }
      case .wordEdge(let wanted):
        let before = place > 0 && text[place - 1].isWord
        let after = place < text.count && text[place].isWord
        if (before != after) == wanted { open.append(state + 1) }
      }
    }
    return false
  }
}

/// States in the order in which they were added, each once.
private struct StateList {
  private(set) var states: [Int] = []
  private var marks: [Bool]

  init(count: Int) { marks = [Bool](repeating: false, count: count) }

  mutating func insert(_ state: Int) -> Bool {
    if marks[state] { return false }
    marks[state] = true
    states.append(state)
    return true
  }

  mutating func removeAll() {
    for state in states { marks[state] = false }
    states.removeAll(keepingCapacity: true)
  }
}

extension Character {
  fileprivate var isWord: Bool { isLetter || isNumber || self == "_" }
}
