/// Words that people take for other ones.
package enum MistakenWord {
  /// Words between a command's arguments that are mistaken for one another.
  package static let keywords: Set<String> = [
    "on", "to", "as", "for", "with", "from", "in", "of", "at", "against", "using",
  ]

  /// What to say where an object is asked for and a variable has the name.
  package static func hint(forVariable name: String) -> String {
    "`$\(name)` is a variable: `print $\(name)` shows it"
  }
}
