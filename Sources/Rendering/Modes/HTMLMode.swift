extension OutputMode {
  /// HTML: a fragment on the screen and in a pipe, a whole page in a file.
  public static let html = OutputMode(
    "html", files: ["html"], "HTML tables, rounded for reading; the full number is in data-value",
    document: HTMLText.page
  ) { value, _ in HTMLText.render(value) }
}
