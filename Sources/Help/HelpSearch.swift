import Base
import Functions
import Language
import Metrics
import Session

/// Finds help by words: names count most, then search terms, summaries, and all other text.
package struct HelpSearch {
  private struct Entry {
    package let name: String
    package let kind: String
    package let summary: String
    package let terms: [String]
    package let text: String
  }

  /// Topics that are shown.
  private static let limit = 12
  private let entries: [Entry]

  package init(_ signatures: SignatureTable, commands table: CommandTable) {
    let commands = signatures.all.map { signature in
      let texts =
        [signature.detail ?? ""] + signature.flags.map { "\($0.name) \($0.help)" } + signature.arguments.map(\.help)
      return Entry(
        name: signature.name, kind: table[signature.name] == nil ? "definition" : "command",
        summary: signature.summary, terms: signature.terms, text: texts.joined(separator: " ").lowercased())
    }
    let metrics = AllMetrics.types.map {
      Entry(
        name: $0.name, kind: "metric", summary: $0.summary, terms: $0.aliases,
        text: "\($0.formula) \($0.source) \($0.interpretation)".lowercased())
    }
    let functions = FunctionTable.all.map {
      Entry(name: $0.name, kind: "function", summary: $0.summary, terms: [], text: $0.usage.lowercased())
    }
    let words = LanguageWord.all.map {
      Entry(
        name: $0.name, kind: "language", summary: $0.summary, terms: $0.terms,
        text: ($0.usage + [$0.detail]).joined(separator: " ").lowercased())
    }
    entries = commands + metrics + functions + words
  }

  /// What fits best, best first; nil where nothing does, whatever the spelling.
  package func report(_ query: String) -> Report? {
    var notes: [String] = []
    var words: [String] = []
    for word in query.lowercased().split(whereSeparator: { $0.isWhitespace || $0 == "," }).map(String.init) {
      if entries.contains(where: { Self.score(word, $0) > 0 }) {
        words.append(word)
      } else if let guess = Suggestion.best(for: word, among: names) ?? Suggestion.best(for: word, among: vocabulary) {
        words.append(guess)
        notes.append("no match for `\(word)`; showing `\(guess)`")
      } else {
        notes.append("no match for `\(word)`")
      }
    }
    guard !words.isEmpty else { return nil }
    let scored = entries.enumerated().map { place, entry in
      let scores = words.map { Self.score($0, entry) }
      return (entry: entry, hits: scores.count { $0 > 0 }, score: scores.reduce(0, +), place: place)
    }
    let most = scored.map(\.hits).max() ?? 0
    guard most > 0 else { return nil }
    let found = scored.filter { $0.hits == most }.sorted { ($1.score, $0.place) < ($0.score, $1.place) }
    if most < words.count { notes.append("no topic has all words") }
    if found.count > Self.limit { notes.append("\(Self.limit) of \(found.count) shown") }
    let shown = found.prefix(Self.limit).map(\.entry)
    let table = Table(
      [
        Column("topic", shown.map(\.name)), Column("kind", shown.map(\.kind)), Column("summary", shown.map(\.summary)),
      ], note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    return Report("help for `\(query)`", [.init("found", .table(table))])
  }

  /// What a misspelt word is looked for among, first and then.
  private var names: [String] { entries.map(\.name) + entries.flatMap(\.terms) }
  private var vocabulary: [String] { entries.flatMap { Self.words($0.summary) }.filter { $0.count > 3 } }

  /// The parts of a topic that have the word count together.
  private static func score(_ word: String, _ entry: Entry) -> Int {
    let stem = stem(word)
    let name = entry.name.lowercased()
    let parts = words(name)
    var score = 0
    if name == word || Self.stem(name) == stem {
      score += 100
    } else if parts.contains(where: { Self.stem($0) == stem }) || name.hasPrefix(stem) {
      score += 70
    } else if parts.contains(where: { areForms($0, word) }) {
      score += 80
    }
    let terms = entry.terms.map { $0.lowercased() }
    if terms.contains(where: { Self.stem($0) == stem }) {
      score += 60
    } else if terms.contains(where: { words($0).contains { Self.stem($0) == stem || areForms($0, word) } }) {
      score += 40
    }
    let summary = words(entry.summary)
    if summary.contains(where: { Self.stem($0) == stem || areForms($0, word) }) { score += 30 }
    let text = words(entry.text)
    if text.contains(where: { Self.stem($0) == stem }) { score += 10 }
    return score
  }

  /// Whether two words are forms of one: `calibrate`, `calibration`; `plot`, `plotting`.
  private static func areForms(_ a: String, _ b: String) -> Bool {
    let common = zip(a, b).prefix { $0 == $1 }.count
    return common >= 4 && max(a.count, b.count) - common <= 4 && min(a.count, b.count) - common <= 2
  }

  private static func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  /// Without the ending of the plural.
  private static func stem(_ word: String) -> String {
    if word.count > 4, word.hasSuffix("ies") { return word.dropLast(3) + "y" }
    if word.count > 3, word.hasSuffix("s"), !word.hasSuffix("ss") { return String(word.dropLast()) }
    return word
  }
}
