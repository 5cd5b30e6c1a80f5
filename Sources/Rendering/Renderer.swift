import Base

/// Turns a command's result into text, in the mode that was asked for.
public struct Renderer: Sendable {
  public let options: RenderOptions

  public init(_ options: RenderOptions) { self.options = options }

  /// The value as text that ends with a newline; empty for a null, except where the mode has a word for it (JSON).
  public func render(_ value: Value) -> String { options.mode.text(value, options) }

  /// The value as the content of a file of its own.
  public func document(_ value: Value) -> String { options.mode.document(render(value)) }
}
