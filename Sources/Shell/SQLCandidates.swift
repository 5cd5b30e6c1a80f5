import Workspace

/// Views, columns and words that may stand at the cursor within the query of `sql "…"`.
struct SQLCandidates {
  /// How many characters before the cursor they replace.
  let typed: Int
  let words: [String]

  /// - Returns: nil where the cursor is not in a query.
  init?(before text: Substring) {
    guard let match = text.firstMatch(of: /(?:^|[|;{(\n=])\s*sql\s+(?:"([^"]*)|'([^']*))$/) else { return nil }
    let query = match.1 ?? match.2 ?? ""
    let word = String(query.ending { $0.isLetter || $0.isNumber || $0 == "_" })
    typed = word.count
    let before = query.dropLast(word.count)
    let names = Set(before.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map { $0.lowercased() })
    let last = before.split(whereSeparator: \.isWhitespace).last?.uppercased()
    let views = CatalogueViews.all.map(\.name)
    let candidates: [String]
    if last == "FROM" || last == "JOIN" {
      candidates = views
    } else {
      let named = CatalogueViews.all.filter { names.contains($0.name) }
      var seen: Set<String> = []
      let columns = (named.isEmpty ? CatalogueViews.all : named).flatMap { $0.columns.map(\.name) }
      candidates = columns.filter { seen.insert($0).inserted } + views + (word.isEmpty ? [] : Self.keywords)
    }
    let exact = candidates.filter { $0.hasPrefix(word) }
    words = exact.isEmpty ? candidates.filter { $0.lowercased().hasPrefix(word.lowercased()) } : exact
  }

  private static let keywords = [
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "DESC", "LIMIT", "JOIN", "USING", "COUNT(", "AVG(", "MIN(",
    "MAX(",
    "SUM(", "DISTINCT", "AND", "OR", "NOT", "NULL", "IS", "AS", "HAVING", "LIKE", "BETWEEN",
  ]
}
