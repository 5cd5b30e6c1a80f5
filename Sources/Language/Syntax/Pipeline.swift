import Base

/// A value or a command, and the commands that its result is handed through.
public struct Pipeline: Sendable, Equatable {
  /// `$table | head 3` starts with a value, `ls | head 3` does not.
  public let source: Expression?
  public let stages: [CommandSyntax]
  /// The file that the result goes to instead of the screen: `… > scores.csv`.
  public let file: Expression?
  public let place: Place

  public init(source: Expression?, stages: [CommandSyntax], file: Expression? = nil, at span: SourceSpan) {
    self.source = source
    self.stages = stages
    self.file = file
    place = Place(span)
  }

  var expressions: [Expression] {
    (source.map { [$0] } ?? []) + stages.flatMap { $0.arguments.compactMap(\.value) } + (file.map { [$0] } ?? [])
  }
}

/// A command with its arguments as they were written, not yet matched with a signature.
public struct CommandSyntax: Sendable, Equatable {
  public let name: String
  public let arguments: [ArgumentSyntax]
  /// The command's word.
  public let place: Place

  public init(_ name: String, _ arguments: [ArgumentSyntax], at span: SourceSpan) {
    self.name = name
    self.arguments = arguments
    place = Place(span)
  }

  public var span: SourceSpan { place.span }
}

/// One positional argument, or one flag with its value if it has one.
public struct ArgumentSyntax: Sendable, Equatable {
  /// Without its dashes; nil for a positional argument.
  public let flag: String?
  public let value: Expression?
  /// The argument's text; for a flag, its name.
  public let place: Place

  public init(flag: String? = nil, value: Expression?, at span: SourceSpan) {
    self.flag = flag
    self.value = value
    place = Place(span)
  }

  public var span: SourceSpan { place.span }
}
