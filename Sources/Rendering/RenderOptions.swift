/// How results are drawn: for a terminal of a certain width, or byte-stable for a file or pipe.
public struct RenderOptions: Sendable {
  public var mode: OutputMode
  /// Columns of the terminal; nil: no limit, nothing is cut or hidden.
  public var width: Int?
  /// Rows of the terminal, for figures that fill it; nil: a fixed height.
  public var height: Int?
  public var colour: Bool
  public var unicode: Bool
  /// Rows of a table that are shown before the rest is only counted; nil: all.
  public var maximumRows: Int?
  /// How figures by themselves are shown as pictures, where the terminal can; asked for the first of them.
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

  /// Output that depends on the value alone: no widths, no colour, no locale.
  public static func batch(_ mode: OutputMode = .table) -> RenderOptions { RenderOptions(mode: mode) }

  /// Data as it is for files and pipes; on a terminal without the control characters that would act there.
  func safeForScreen(_ text: String) -> String { width == nil ? text : SafeText.block(text) }
}
