extension OutputMode {
  /// One JSON value per line.
  public static let jsonl = OutputMode("jsonl", files: ["jsonl"], "One JSON record per line for each row of a table") {
    value, _ in JSONText.lines(value)
  }
}
