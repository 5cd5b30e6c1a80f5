extension OutputMode {
  /// LaTeX for `\input`, without packages.
  public static let latex = OutputMode("latex", files: ["tex"], "LaTeX tabulars for \\input; numbers are rounded") {
    value, _ in LaTeXText.render(value)
  }
}
