import Base

/// A form in which results are written: one file in Modes/ declares each, `AllOutputModes` lists them.
public struct OutputMode: Sendable {
  public let name: String
  /// One line for help.
  public let summary: String
  /// Endings of the files that hold it; empty where it is for the screen alone.
  public let fileEndings: [String]
  let text: @Sendable (Value, RenderOptions) -> String
  /// What a file needs around the text.
  let document: @Sendable (String) -> String

  /// - Parameter text: the value as text that ends with a newline; empty where there is nothing to write.
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

  /// The mode of that name.
  ///
  /// - Throws: a usage failure with the mode that was probably meant.
  public static func named(_ name: String) throws(Failure) -> OutputMode {
    if let mode = AllOutputModes.all.first(where: { $0.name == name }) { return mode }
    throw Failure(
      .usage, "there is no output mode `\(name)`",
      hint: Suggestion.hint(for: name, among: AllOutputModes.names)
        ?? "choose one of \(AllOutputModes.names.joined(separator: ", "))")
  }

  /// The mode whose files end so; nil for other files.
  public static func of(fileEnding: String) -> OutputMode? {
    let ending = fileEnding.lowercased()
    return AllOutputModes.all.first { $0.fileEndings.contains(ending) }
  }
}

extension OutputMode: Equatable, CustomStringConvertible {
  public static func == (a: OutputMode, b: OutputMode) -> Bool { a.name == b.name }
  public var description: String { name }
}
