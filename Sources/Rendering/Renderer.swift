import Base

/// Turns a command's result into text in an output mode.
public struct Renderer: Sendable {
  public let options: RenderOptions

  public init(_ options: RenderOptions) { self.options = options }

  /// The value as text that ends with a newline. Empty for null, except in modes that write null (JSON).
  public func render(_ value: Value) -> String { options.mode.text(value, options) }

  /// The value as the content of a complete file.
  public func document(_ value: Value) -> String { options.mode.document(render(value)) }
}
