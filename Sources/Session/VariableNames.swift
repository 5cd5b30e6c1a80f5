/// The variables that a text names, found without parsing it: this runs before each entry, where compiling a pattern takes
/// longer than the search.
package enum VariableNames {
  /// The words behind `$` and `${`, each once, in their order.
  package static func mentioned(in text: String) -> [String] {
    var names: [String] = []
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "{" { rest.removeFirst() }
      let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      if let first = name.first, !first.isNumber, !names.contains(String(name)) { names.append(String(name)) }
    }
    return names
  }

  /// The words of a text that has `drop`, which names a variable without `$`; none of other texts.
  static func dropped(in text: String) -> [String] {
    guard text.contains("drop") else { return [] }
    return text.split { $0.isWhitespace || ";|{}()".contains($0) }.map(String.init)
  }
}
