import Base

/// A value or a command, followed by the commands that process its result.
public struct Pipeline: Sendable, Equatable {
  /// `$table | head 3` starts with a value, `ls | head 3` does not.
  public let source: Expression?
  public let stages: [CommandSyntax]
  /// The file that receives the result instead of the screen: `… > scores.csv`.
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

/// A command with its arguments as they are written, not yet matched with a signature.
public struct CommandSyntax: Sendable, Equatable {
  public let name: String
  public let arguments: [ArgumentSyntax]
  /// Place of the command's word.
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
  /// Place of the argument; for a flag, of its name.
  public let place: Place

  public init(flag: String? = nil, value: Expression?, at span: SourceSpan) {
    self.flag = flag
    self.value = value
    place = Place(span)
  }

  public var span: SourceSpan { place.span }
}
