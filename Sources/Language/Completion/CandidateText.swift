/// Candidates as they are written into a line: quoted where they must be.
extension CursorContext {
  /// What of a candidate is compared with what is written so far: within double quotes that has escapes.
  public var plainPrefix: String {
    guard quote == "\"" else { return prefix }
    var text = ""
    var isEscaped = false
    for character in prefix {
      if character == "\\", !isEscaped {
        isEscaped = true
      } else {
        text.append(character)
        isEscaped = false
      }
    }
    return text
  }

  /// - Parameter candidates: plain texts, one of which the user means.
  /// - Returns: what replaces the prefix: of several candidates the beginnings that they share can be inserted as they are.
  public func written(_ candidates: [String]) -> [String] {
    switch quote {
    case "'":
      // Nothing can be escaped in single quotes.
      let whole = candidates.filter { !$0.contains("'") }
      return whole.count == 1 ? whole.map { $0.hasSuffix("/") ? $0 : $0 + "'" } : whole
    case "\"":
      let texts = candidates.map(Self.escaped)
      return texts.count == 1 ? texts.map { $0.hasSuffix("/") ? $0 : $0 + "\"" } : texts
    default:
      guard candidates.count > 1 else { return candidates.map { Self.quoted($0, isWhole: !$0.hasSuffix("/")) } }
      let common = candidates.dropFirst().reduce(candidates[0]) { $0.commonPrefix(with: $1) }
      return Self.isBareword(common) ? candidates : candidates.map { Self.quoted($0, isWhole: false, always: true) }
    }
  }

  private static func quoted(_ text: String, isWhole: Bool, always: Bool = false) -> String {
    if !always, isBareword(text) { return text }
    if text.contains("'") { return "\"" + escaped(text) + (isWhole ? "\"" : "") }
    return "'" + text + (isWhole ? "'" : "")
  }

  private static func escaped(_ text: String) -> String {
    text.map { "\\\"$".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  private static func isBareword(_ text: String) -> Bool {
    text.isEmpty || (text.first?.startsWord ?? false) && text.allSatisfy(\.continuesWord) && !text.hasPrefix("--")
  }
}

extension String {
  fileprivate func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
