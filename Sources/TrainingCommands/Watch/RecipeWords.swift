/// Splits `fast.vc --recording '/data/my recordings/sim'` into words.
enum RecipeWords {
  /// Words between spaces. One that begins with `'` or `"` goes on to the next such sign.
  ///
  /// - Returns: nil where that sign is missing.
  static func split(_ text: String) -> [String]? {
    var words: [String] = []
    var rest = text[...]
    while let start = rest.firstIndex(where: { $0 != " " }) {
      rest = rest[start...]
      if let quote = rest.first, quote == "'" || quote == "\"" {
        let inside = rest.dropFirst()
        guard let end = inside.firstIndex(of: quote) else { return nil }
        words.append(String(inside[..<end]))
        rest = inside[end...].dropFirst()
      } else {
        let end = rest.firstIndex(of: " ") ?? rest.endIndex
        words.append(String(rest[..<end]))
        rest = rest[end...]
      }
    }
    return words
  }
}
