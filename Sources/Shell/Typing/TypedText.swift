import Base
import Help
import Language

/// What is typed or pasted, as vcsh understands it before it is parsed.
///
/// Prompts in front of pasted lines are taken off. What people type for help becomes `help NAME`, and `exit()` becomes
/// `exit`. All else stays as it is. Recipes are not changed: only entries at the prompt and commands after `-c` are typed.
package struct TypedText {
  /// The text that is parsed.
  package private(set) var text: String
  /// How many lines of output a paste had between its entries; they are left out.
  package private(set) var skippedLines = 0

  /// - Parameters:
  ///   - commands: the commands and definitions that may be meant.
  ///   - aliases: words that stand for a text at the place of a command.
  package init(_ typed: String, commands: SignatureTable, aliases: [String: String] = [:]) {
    text = typed
    stripPrompts()
    text = Self.statements(of: text).map { part in
      guard part.isStatement else { return String(part.text) }
      let statement = Self.expanded(String(part.text), aliases)
      return Self.helpOfAlias(Self.rewritten(statement, commands) ?? statement, aliases)
    }.joined()
  }

  /// A statement with its aliases replaced: at its beginning, behind `let NAME =`, and behind a `|`.
  private static func expanded(_ statement: String, _ aliases: [String: String]) -> String {
    guard !aliases.isEmpty else { return statement }
    let masked = Habit.masked(statement)
    var characters = Array(statement)
    for match in masked.matches(of: /(?:^|\|)\s*(?:let\s+\w+\s*=\s*)?([\w-]+)/).reversed() {
      guard let text = aliases[String(match.1)] else { continue }
      let start = masked.distance(from: masked.startIndex, to: match.1.startIndex)
      let end = start + match.1.count
      if end < characters.count, !characters[end].isWhitespace, characters[end] != "|" { continue }
      characters.replaceSubrange(start..<end, with: text)
    }
    return String(characters)
  }

  /// `help NAME` of an alias is the help of the command that it begins with.
  private static func helpOfAlias(_ statement: String, _ aliases: [String: String]) -> String {
    guard !aliases.isEmpty, let name = statement.trimming.wholeMatch(of: /help\s+([\w-]+)/)?.1,
      let text = aliases[String(name)], let command = text.split(separator: " ").first
    else { return statement }
    return "help \(command)"
  }

  // MARK: Prompts

  /// Prompts of vcsh, with the time that the last command took, and those of the examples in help and documents.
  private static func prompt(of line: Substring) -> Substring? {
    line.prefixMatch(of: /[ \t]*(?:\([^()]* s\) )?vcsh>(?: |$)|[ \t]*>(?: |$)/)?.output
  }

  private static func continuation(of line: Substring) -> Substring? {
    line.prefixMatch(of: /[ \t]*\.\.\.(?: |$)/)?.output
  }

  /// Takes prompts off, where the first line has one. Lines between entries that have none are output.
  private mutating func stripPrompts() {
    guard text.utf8.contains(UInt8(ascii: ">")) else { return }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let first = lines.first(where: { !$0.allSatisfy(\.isWhitespace) }), Self.prompt(of: first) != nil else {
      return
    }
    var kept: [Substring] = []
    var entry = ""
    for line in lines {
      if let prompt = Self.prompt(of: line) {
        kept.append(line[prompt.endIndex...])
        entry = String(line[prompt.endIndex...])
      } else if Parser.isIncomplete(entry) || kept.isEmpty {
        let rest = Self.continuation(of: line).map { line[$0.endIndex...] } ?? line
        kept.append(rest)
        entry += "\n" + rest
      } else if !line.allSatisfy(\.isWhitespace) {
        skippedLines += 1
      }
    }
    text = kept.joined(separator: "\n")
  }

  // MARK: Statements

  private struct Part {
    var text: Substring
    /// Whether it is a statement on one line, rather than what separates statements.
    var isStatement: Bool
  }

  /// The statements, and the line ends and semicolons between them.
  private static func statements(of text: String) -> [Part] {
    var parts: [Part] = []
    var start = text.startIndex
    var quote: Character?
    var depth = 0
    var isComment = false
    var before: Character = "\n"
    func close(at end: String.Index) {
      let part = text[start..<end]
      parts.append(Part(text: part, isStatement: !part.contains(where: \.isNewline)))
    }
    for index in text.indices {
      let character = text[index]
      defer { before = character }
      if isComment, !character.isNewline { continue }
      if let open = quote {
        if character == open, !(open == "\"" && before == "\\") { quote = nil }
        continue
      }
      switch character {
      case "\"", "'": quote = character
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth = max(0, depth - 1)
      case "#" where before.isWhitespace: isComment = true
      case ";" where depth == 0, _ where character.isNewline && depth == 0:
        isComment = false
        close(at: index)
        parts.append(Part(text: text[index...index], isStatement: false))
        start = text.index(after: index)
      default: if character.isNewline { isComment = false }
      }
    }
    close(at: text.endIndex)
    return parts
  }

  // MARK: Help and leaving

  /// Longer statements are data, not questions.
  private static let lengthLimit = 1000

  /// What a statement means that asks for help or leaves; nil for every other one.
  private static func rewritten(_ statement: String, _ commands: SignatureTable) -> String? {
    guard statement.count <= lengthLimit else { return nil }
    let text = statement.trimming
    // Nearly every statement asks for nothing: that is seen without a pattern.
    guard
      text.hasPrefix("help") || text.utf8.contains(where: { "?(".utf8.contains($0) }) || text.contains("-h")
        || text.count < 20 && ["exit", "quit"].contains(where: text.lowercased().contains)
    else {
      return nil
    }
    if text.wholeMatch(of: /\?+|help\s*\(\s*\)|-h|-?-help/) != nil { return "help" }
    if ["exit", "quit"].contains(text) { return nil }
    if text.wholeMatch(of: /(?i)(?:(?:sys|os)\._?)?(?:exit|quit)\s*(?:\(\s*\d*\s*\)|!)?/) != nil { return "exit" }
    // `NAME?`, `?NAME`, `help(NAME)`, `help $name`
    if let match = text.wholeMatch(of: /\?+\s*([$\w\/.-]+)|([$\w\/.-]+)\s*\?+|help\s*\(\s*["']?([$\w\/.-]+)["']?\s*\)/)
    {
      return (match.1 ?? match.2 ?? match.3).map(help)
    }
    if let match = text.wholeMatch(of: /help\s+(\$\w+)/) { return help(match.1) }
    // `COMMAND … --help`: of the last command in a pipe
    guard let asked = text.wholeMatch(of: /(?:.*\|\s*|let\s+\w+\s*=\s*)?([\w-]+)(?:\s.*)?\s(?:--help|-h|-help|-\?)/)
    else { return nil }
    let word = String(asked.1)
    // `run RECIPE.vc --help`: what the recipe says of itself.
    if word == "run", let recipe = text.firstMatch(of: /\brun\s+["']?([^\s"']+\.vc)\b/) { return "help '\(recipe.1)'" }
    let isKnown = commands[word] != nil || LanguageWord.named(word) != nil
    return isKnown ? help(asked.1) : nil
  }

  private static func help(_ name: Substring) -> String { name.hasPrefix("$") ? "help '\(name)'" : "help \(name)" }
}

extension Substring {
  /// The last characters for which `holds` is true.
  func ending(while holds: (Character) -> Bool) -> Substring {
    self[(lastIndex { !holds($0) }.map(index(after:)) ?? startIndex)...]
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  var trimming: String {
    let start = drop(while: \.isWhitespace)
    return String(start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
  }
}
