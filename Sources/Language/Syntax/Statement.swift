import Base

/// A complete source text: a file for `-f`, or one input at the prompt.
public struct Program: Sendable, Equatable {
  /// The language version in the first line (`vcsh 1`), where there is one.
  public let version: Int?
  public let statements: [Statement]

  public init(version: Int? = nil, statements: [Statement]) {
    self.version = version
    self.statements = statements
  }

  /// The parameters that the program and the files that it sources declare, in order. Those of a recipe that it runs get
  /// their values where it is run.
  public var parameters: [ParameterDeclaration] {
    statements.flatMap { statement -> [ParameterDeclaration] in
      switch statement.kind {
      case .parameter(let declaration): [declaration]
      case .source(_, let program, nil): program?.parameters ?? []
      default: []
      }
    }
  }

  /// The definitions of the program and of the files that it sources, in order.
  public var definitions: [Definition] {
    statements.flatMap { statement -> [Definition] in
      switch statement.kind {
      case .define(let definition): [definition]
      case .source(_, let program, _): program?.definitions ?? []
      default: []
      }
    }
  }
}

/// One entry.
public struct Statement: Sendable, Equatable {
  public indirect enum Kind: Sendable, Equatable {
    case assign(name: String, value: Expression)
    case parameter(ParameterDeclaration)
    case define(Definition)
    /// The file's program; nil where the same text has sourced the file before. `given` has the parameters of
    /// `run FILE --NAME VALUE`, and is nil for `source FILE`.
    case source(path: String, Program?, given: [ArgumentSyntax]? = nil)
    case branch([Branch], otherwise: [Statement]?)
    case loop(name: String, sequence: Expression, body: [Statement])
    case assert(Expression, message: Expression?)
    /// A command line or an expression, whose value is that of the statement.
    case value(Expression)
  }

  /// One `if` or `else if` with its block.
  public struct Branch: Sendable, Equatable {
    public let condition: Expression
    public let body: [Statement]

    public init(_ condition: Expression, _ body: [Statement]) {
      self.condition = condition
      self.body = body
    }
  }

  public let kind: Kind
  public let place: Place
  private let slice: Slice

  /// - Parameter text: the statement's source text, unchanged.
  public init(_ kind: Kind, at span: SourceSpan, text: String) {
    self.kind = kind
    place = Place(span)
    slice = Slice(text: text)
  }

  public var span: SourceSpan { place.span }
  /// The statement's source text, unchanged.
  public var text: String { slice.text }

  /// Ignored by comparisons, like `Place`.
  private struct Slice: Sendable, Equatable {
    let text: String
    static func == (a: Slice, b: Slice) -> Bool { true }
  }
}

/// `param NAME: type = default "help"`.
public struct ParameterDeclaration: Sendable, Equatable {
  public enum ParameterType: String, Sendable, CaseIterable {
    case string, int, float, bool, path
    case strings = "[string]"
    case ints = "[int]"
    case floats = "[float]"
    case bools = "[bool]"
    case paths = "[path]"

    /// The type of a list's elements; nil where the parameter takes one value.
    public var element: ParameterType? {
      rawValue.hasPrefix("[") ? ParameterType(rawValue: String(rawValue.dropFirst().dropLast())) : nil
    }
  }

  public let name: String
  /// The declared type, otherwise the type of the default, otherwise `string`.
  public let type: ParameterType
  /// A parameter without a default must be given.
  public let fallback: Expression?
  public let help: String?
  public let place: Place
  /// The default as text.
  public let fallbackText: String?

  public init(
    _ name: String, type: ParameterType, fallback: Expression?, fallbackText: String? = nil, help: String?,
    at span: SourceSpan
  ) {
    self.name = name
    self.type = type
    self.fallback = fallback
    self.fallbackText = fallbackText
    self.help = help
    place = Place(span)
  }

  public var span: SourceSpan { place.span }

  public static func == (a: ParameterDeclaration, b: ParameterDeclaration) -> Bool {
    a.name == b.name && a.type == b.type && a.fallback == b.fallback && a.help == b.help
  }
}
