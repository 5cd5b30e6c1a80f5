import Base

/// How results are drawn: fitted to a terminal, or byte-stable for a file or pipe.
public struct RenderOptions: Sendable {
  public var mode: OutputMode
  /// Columns of the terminal; nil for no limit, so that nothing is cut or hidden.
  public var width: Int?
  /// Rows of the terminal, which a figure fills; nil for a fixed height.
  public var height: Int?
  public var colour: Bool
  public var unicode: Bool
  /// Most rows of a table to show; the others are only counted. Nil shows all.
  public var maximumRows: Int?
  /// Whether a terminal shows the text, also where nothing is fitted to its width.
  public var isScreen = false
  /// How the terminal shows a figure as a picture; nil where it can't. Called when the first figure is shown.
  public var images: @Sendable () -> ImageProtocol? = { nil }

  public init(
    mode: OutputMode = .table, width: Int? = nil, height: Int? = nil, colour: Bool = false, unicode: Bool = true,
    maximumRows: Int? = nil
  ) {
    self.mode = mode
    self.width = width
    self.height = height
    self.colour = colour
    self.unicode = unicode
    self.maximumRows = maximumRows
  }

  /// Output that depends only on the value: no widths, no colour, no locale.
  public static func batch(_ mode: OutputMode = .table) -> RenderOptions { RenderOptions(mode: mode) }

  /// Unchanged text for files and pipes; on a terminal without control characters, which would act there.
  func safeForScreen(_ text: String) -> String { width == nil && !isScreen ? text : SafeText.block(text) }
}
