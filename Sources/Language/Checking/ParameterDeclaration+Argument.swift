import Base

extension ParameterDeclaration {
  /// The failure where the parameter has no value.
  var missing: Failure {
    Failure(
      .usage, "the parameter `\(name)` has no value", hint: "give it with `--\(name) \(type.rawValue.uppercased())`",
      span: span)
  }
}

extension ParameterDeclaration.ParameterType {
  var argumentType: ArgumentType {
    switch self {
    case .string: .string
    case .int: .int
    case .float: .float
    case .bool: .bool
    case .path: .path
    }
  }
}
