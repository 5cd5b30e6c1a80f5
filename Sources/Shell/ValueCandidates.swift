import Base
import Language
import Session

/// Values of a text column at the cursor: `$fit | where reason == '▮`. They come from the variable that the pipe begins with,
/// or from the catalogue where it begins with `ls` or `history`; else from the last result, else from any variable.
struct ValueCandidates {
  /// How many characters before the cursor they replace.
  let typed: Int
  let words: [String]

  private static let limit = 200

  /// - Returns: nil where no such value is expected, or none is known.
  init?(before text: Substring, in session: Session) {
    let statement = text.ending { $0 != ";" && !$0.isNewline }
    guard
      let match = statement.firstMatch(
        of: /\|\s*where\b.*?([\p{L}_][\p{L}\p{N}_]*)\s*(?:==|!=|\bin\s*\[(?:[^\]]*,)?)\s*(?:(["'])([^"']*))?$/)
    else { return nil }
    session.recall(mentionedIn: [String(statement)])
    guard let values = Self.values(of: String(match.1), statement, in: session), !values.isEmpty else { return nil }
    let quote = match.2.map(String.init)
    let prefix = match.3.map(String.init) ?? ""
    let fitting = values.filter { $0.hasPrefix(prefix) && !$0.contains(quote ?? "'") }
    typed = prefix.count
    if let quote {
      words = fitting.count == 1 ? fitting.map { $0 + quote } : fitting
    } else {
      words = fitting.map { "'\($0)'" }
    }
  }

  private static func values(of column: String, _ statement: Substring, in session: Session) -> [String]? {
    let interpreter = session.interpreter
    let source = statement.prefix { $0 != "|" }
    let named = source.firstMatch(of: /\$([\p{L}_][\p{L}\p{N}_]*)\s*$/).map { String($0.1) }
    let tables: [Value]
    if let named {
      tables = [named == "_" ? interpreter.lastResult : interpreter.variables[named] ?? .null]
    } else if let table = session.glance(at: source.trimming) {
      tables = [table]
    } else {
      tables = [interpreter.lastResult] + interpreter.variables.sorted { $0.key < $1.key }.map(\.value)
    }
    for value in tables {
      let found = texts(of: column, in: value)
      guard !found.isEmpty else { continue }
      var seen: Set<String> = []
      return Array(found.filter { seen.insert($0).inserted }.prefix(limit))
    }
    return nil
  }

  /// The texts in a column of a table, or in a field of a list of records.
  private static func texts(of column: String, in value: Value) -> [String] {
    switch value {
    case .table(let table):
      if case .string(let texts)? = table[column]?.values { return texts.compactMap(\.self) }
      return []
    case .list(let elements):
      return elements.prefix(10_000).compactMap { element in
        guard case .record(let record) = element, case .string(let text)? = record[column] else { return nil }
        return text
      }
    default: return []
    }
  }
}
