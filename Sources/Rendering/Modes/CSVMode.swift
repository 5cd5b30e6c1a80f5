extension OutputMode {
  /// Comma-separated values as in RFC 4180.
  public static let csv = OutputMode("csv", files: ["csv"], "Comma-separated, RFC 4180, full precision") {
    value, options in options.safeForScreen(SeparatedText.csv(value))
  }
}
