import Base

extension ParameterDeclaration {
  /// The failure where the parameter has no value.
  var missing: Failure {
    Failure(
      .usage, "the parameter `\(name)` has no value", hint: "give it with `--\(name) \(type.placeholder)`",
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
    // Any form of a list: `parameterValue` converts its elements.
    case .strings, .ints, .floats, .bools, .paths: .value
    }
  }

  /// Its value in help: `FLOAT`, or `FLOAT,…` for a list.
  public var placeholder: String {
    if self == .bool { return "true|false" }
    return element.map { "\($0.rawValue.uppercased()),…" } ?? rawValue.uppercased()
  }

  /// A given value, converted to this type. A list may be written as `a,b` and as `[a, b]`.
  ///
  /// - Throws: a usage failure without a place.
  func converted(_ value: Value, isBareword: Bool, label: String) throws(Failure) -> Value {
    guard let element else {
      return try ArgumentConversion.convert(value, isBareword: isBareword, to: argumentType, label: label)
    }
    var values = [value]
    switch value {
    case .list(let elements): values = elements
    case .string(let text) where isBareword: values = ListText.elements(of: text).map(Value.string)
    default: break
    }
    var converted: [Value] = []
    for value in values {
      converted.append(
        try ArgumentConversion.convert(
          value, isBareword: true, to: element.argumentType, label: "an element of \(label)"))
    }
    return .list(converted)
  }
}
