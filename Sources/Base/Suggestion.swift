/// Finds the name that was probably meant.
public enum Suggestion {
  /// The candidate nearest to `word` by edit distance (with transpositions), if it is near enough to be a typing
  /// mistake.
  public static func best(for word: String, among candidates: some Sequence<String>) -> String? {
    // Of three letters one must be another: `fit` is not `sim`.
    let limit = word.count <= 3 ? 1 : min(3, word.count / 3 + 1)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let folded = candidate.lowercased()
      let distance =
        folded.hasPrefix(word.lowercased()) && word.count >= 2 ? 1 : editDistance(word.lowercased(), folded)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// "did you mean `x`?" for a hint, or nil.
  public static func hint(for word: String, among candidates: some Sequence<String>) -> String? {
    best(for: word, among: candidates).map { "did you mean `\($0)`?" }
  }

  /// Optimal string alignment distance.
  static func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a.prefix(64))
    let b = Array(b.prefix(64))
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var rows = [Array(0...b.count)]
    for i in 1...a.count {
      var row = [i]
      for j in 1...b.count {
        var cost = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, rows[i - 2][j - 2] + 1) }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
