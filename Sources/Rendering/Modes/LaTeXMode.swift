extension OutputMode {
  /// LaTeX for `\input`, with no packages.
  public static let latex = OutputMode("latex", files: ["tex"], "LaTeX tabulars for \\input, rounded for reading") {
    value, _ in LaTeXText.render(value)
  }
}
