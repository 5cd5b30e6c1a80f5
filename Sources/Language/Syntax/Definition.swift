import Base

/// `def NAME(a, b: type = default) { … }`: a command of the user's own.
public struct Definition: Sendable, Equatable {
  /// What an argument takes. `any` where nothing is said and no default tells.
  public enum ArgumentKind: String, Sendable, CaseIterable {
    case string, int, float, bool, path, list, record, table, any
  }

  public struct Argument: Sendable, Equatable {
    public let name: String
    public let kind: ArgumentKind
    /// Without a default the argument has to be given.
    public let fallback: Expression?
    public let place: Place

    public init(_ name: String, _ kind: ArgumentKind = .any, fallback: Expression? = nil, at span: SourceSpan) {
      self.name = name
      self.kind = kind
      self.fallback = fallback
      place = Place(span)
    }
  }

  public let name: String
  public let arguments: [Argument]
  public let body: [Statement]
  /// The definition's name.
  public let place: Place

  public init(_ name: String, _ arguments: [Argument], body: [Statement], at span: SourceSpan) {
    self.name = name
    self.arguments = arguments
    self.body = body
    place = Place(span)
  }

  public var span: SourceSpan { place.span }

  /// What parser, checker, completion and help need to know of it. An argument with a default may be given as a flag.
  public var signature: Signature { Self.signature(name, arguments) }

  static func signature(_ name: String, _ arguments: [Argument]) -> Signature {
    var signature = Signature(name, in: category, "Defined by `def`").takes(.any).returns(.any)
    for argument in arguments {
      signature = signature.argument(
        argument.name, argument.kind.argumentType,
        argument.kind.rawValue + (argument.fallback.map { ", \(Printer.print($0)) unless given" } ?? ""),
        optional: argument.fallback != nil, orFlag: argument.fallback != nil)
    }
    return signature
  }
}

extension Definition.ArgumentKind {
  /// What a parameter of that type takes; kinds that parameters do not have take any value.
  var argumentType: ArgumentType {
    ParameterDeclaration.ParameterType(rawValue: rawValue)?.argumentType ?? .value
  }
}
