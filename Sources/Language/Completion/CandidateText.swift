/// Writes completion candidates into the line, with quotes where they are needed.
extension CursorContext {
  /// The text with which candidates are compared: inside double quotes without escapes.
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

  /// - Parameter candidates: the possible texts.
  /// - Returns: what replaces the prefix. The common beginning of several results can be inserted unchanged.
  public func written(_ candidates: [String]) -> [String] {
    switch quote {
    case "'":
      // Single quotes have no escapes.
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
