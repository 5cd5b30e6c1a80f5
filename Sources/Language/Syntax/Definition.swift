import Base

/// `def NAME(a, b: type = default) { … }`: a command defined by the user.
public struct Definition: Sendable, Equatable {
  /// The type of an argument; `any` where it is neither declared nor clear from the default.
  public enum ArgumentKind: String, Sendable, CaseIterable {
    case string, int, float, bool, path, list, record, table, any
  }

  public struct Argument: Sendable, Equatable {
    public let name: String
    public let kind: ArgumentKind
    /// An argument without a default must be given.
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
  /// Place of the definition's name.
  public let place: Place

  public init(_ name: String, _ arguments: [Argument], body: [Statement], at span: SourceSpan) {
    self.name = name
    self.arguments = arguments
    self.body = body
    place = Place(span)
  }

  public var span: SourceSpan { place.span }

  /// The signature for parser, checker, completion and help. An argument with a default may be given as a flag.
  public var signature: Signature { Self.signature(name, arguments) }

  static func signature(_ name: String, _ arguments: [Argument]) -> Signature {
    var signature = Signature(name, in: category, "Defined by `def`").takes(.any).returns(.any)
    for argument in arguments {
      signature = signature.argument(
        argument.name, argument.kind.argumentType,
        argument.kind.rawValue + (argument.fallback.map { ", default \(Printer.print($0))" } ?? ""),
        optional: argument.fallback != nil, orFlag: argument.fallback != nil)
    }
    return signature
  }
}

extension Definition.ArgumentKind {
  /// The argument type of a command's signature; types that parameters do not have accept any value.
  var argumentType: ArgumentType {
    ParameterDeclaration.ParameterType(rawValue: rawValue)?.argumentType ?? .value
  }
}
