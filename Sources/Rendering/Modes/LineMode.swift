extension OutputMode {
  /// One column a line, for tables that are wide.
  public static let line = OutputMode("line", "A line for every column of every row, for wide tables") {
    value, options in LineText(options).render(value)
  }
}
