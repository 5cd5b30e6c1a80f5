extension OutputMode {
  /// A JSON value a line.
  public static let jsonl = OutputMode("jsonl", files: ["jsonl"], "A JSON record a line for every row of a table") {
    value, _ in JSONText.lines(value)
  }
}
