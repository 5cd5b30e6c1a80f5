extension OutputMode {
  /// Markdown with GitHub's tables.
  public static let markdown = OutputMode("markdown", files: ["md"], "Markdown with tables; numbers are rounded") {
    value, _ in MarkdownText.render(value)
  }
}
