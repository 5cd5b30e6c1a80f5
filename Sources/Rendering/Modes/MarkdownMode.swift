extension OutputMode {
  /// GitHub's Markdown.
  public static let markdown = OutputMode("markdown", files: ["md"], "Markdown with tables, rounded for reading") {
    value, _ in MarkdownText.render(value)
  }
}
