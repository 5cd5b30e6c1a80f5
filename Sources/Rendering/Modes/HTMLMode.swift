extension OutputMode {
  /// HTML: a fragment on the screen and in a pipe, a complete page in a file.
  public static let html = OutputMode(
    "html", files: ["html"], "HTML tables; numbers are rounded, data-value has full precision",
    document: HTMLText.page
  ) { value, _ in HTMLText.render(value) }
}
