import Base

/// A format for results. Each is declared in a file of Modes/ and listed in `AllOutputModes`.
public struct OutputMode: Sendable {
  public let name: String
  /// One line for help.
  public let summary: String
  /// Extensions of files in this format; empty for a format that is only for the screen.
  public let fileEndings: [String]
  let text: @Sendable (Value, RenderOptions) -> String
  /// Adds what a file needs around the text.
  let document: @Sendable (String) -> String

  /// - Parameter text: the value as text that ends with a newline; empty text where nothing is to be written.
  init(
    _ name: String, files fileEndings: [String] = [], _ summary: String,
    document: @escaping @Sendable (String) -> String = { $0 },
    text: @escaping @Sendable (Value, RenderOptions) -> String
  ) {
    self.name = name
    self.fileEndings = fileEndings
    self.summary = summary
    self.document = document
    self.text = text
  }

  /// The mode with this name.
  ///
  /// - Throws: a usage failure that suggests the mode that was probably meant.
  public static func named(_ name: String) throws(Failure) -> OutputMode {
    if let mode = AllOutputModes.all.first(where: { $0.name == name }) { return mode }
    throw Failure(
      .usage, "there is no output mode `\(name)`",
      hint: Suggestion.hint(for: name, among: AllOutputModes.names)
        ?? "choose one of \(AllOutputModes.names.joined(separator: ", "))")
  }

  /// The mode of files with this extension; nil for other files.
  public static func of(fileEnding: String) -> OutputMode? {
    let ending = fileEnding.lowercased()
    return AllOutputModes.all.first { $0.fileEndings.contains(ending) }
  }
}

extension OutputMode: Equatable, CustomStringConvertible {
  public static func == (a: OutputMode, b: OutputMode) -> Bool { a.name == b.name }
  public var description: String { name }
}
