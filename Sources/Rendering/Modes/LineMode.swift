extension OutputMode {
  /// One line for each column, for wide tables.
  public static let line = OutputMode("line", "One line for each column of each row, for wide tables") {
    value, options in LineText(options).render(value)
  }
}
