extension OutputMode {
  /// Tab-separated values.
  public static let tsv = OutputMode(
    "tsv", files: ["tsv"], "Tab-separated, full precision; \\t \\n \\r \\\\ inside text"
  ) {
    value, options in options.safeForScreen(SeparatedText.tsv(value))
  }
}
