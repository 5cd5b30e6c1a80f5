extension OutputMode {
  /// Aligned columns, fitted to the terminal.
  public static let table = OutputMode("table", "Aligned columns and figures, for the screen") { value, options in
    PlainText(options).render(value)
  }
}
