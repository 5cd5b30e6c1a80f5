extension OutputMode {
  /// Each result as one JSON value on one line.
  public static let json = OutputMode(
    "json", files: ["json"], "One JSON value per result; a table is a list of records"
  ) {
    value, _ in JSONText.encode(value) + "\n"
  }
}
