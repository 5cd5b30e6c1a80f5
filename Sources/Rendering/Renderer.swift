import Base

/// Turns a command's result into text, in the mode that was asked for.
public struct Renderer: Sendable {
  public let options: RenderOptions

  public init(_ options: RenderOptions) { self.options = options }

  /// The value as text that ends with a newline; empty for a null, except where the mode has a word for it (JSON).
  public func render(_ value: Value) -> String {
    switch options.mode {
    case .table: PlainText(options).render(value)
    case .json: JSONText.encode(value) + "\n"
    case .jsonl: JSONText.lines(value)
    case .csv: SeparatedText.csv(value)
    case .tsv: SeparatedText.tsv(value)
    case .markdown: MarkdownText.render(value)
    }
  }
}
