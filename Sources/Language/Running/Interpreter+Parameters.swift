import Base

/// Parameters of recipes: given from outside, by `run`, or by default.
extension Interpreter {
  /// Sets parameters from outside, by name and as text: `--name value`. `-` and `_` are equivalent in a name.
  ///
  /// - Throws: a usage failure for a name that is not declared, or a text that does not fit the declared type.
  public func setParameters(_ texts: [String: String], of program: Program) throws {
    parameters.merge(try program.parameterValues(texts)) { $1 }
  }

  /// Runs `body` with the parameters that `run FILE --NAME VALUE` gives; those of the program itself do not reach there.
  public func giving(_ given: [ArgumentSyntax], to program: Program, _ body: () throws -> Void) throws {
    let outer = parameters
    defer { parameters = outer }
    var values: [String: Value] = [:]
    for argument in given {
      guard let name = argument.flag, let value = argument.value,
        let declaration = program.parameters.first(where: { $0.name == name })
      else { continue }
      values[name] = try converting(value, for: declaration)
    }
    parameters = values
    try body()
  }

  private func converting(_ expression: Expression, for declaration: ParameterDeclaration) throws -> Value {
    let value = try evaluate(expression)
    do throws(Failure) {
      return try declaration.type.converted(
        value, isBareword: expression.plainWord != nil, label: declaration.name)
    } catch {
      throw error.located(at: expression.span)
    }
  }

  func declare(_ declaration: ParameterDeclaration) throws {
    if let given = parameters[declaration.name] {
      variables[declaration.name] = given
    } else if let fallback = declaration.fallback {
      variables[declaration.name] = try converting(fallback, for: declaration)
    } else {
      throw declaration.missing
    }
  }
}

extension Program {
  /// The values of parameters that are given as texts.
  ///
  /// - Throws: `usage` for an unknown name and for a text that is no value of the parameter's type.
  public func parameterValues(_ texts: [String: String]) throws -> [String: Value] {
    let declarations = parameters
    var values: [String: Value] = [:]
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      let folded = name.replacing("-", with: "_")
      guard let declaration = declarations.first(where: { $0.name == folded }) else {
        let names = declarations.map(\.name)
        throw Failure(
          .usage, "there is no parameter --\(name)",
          hint: Suggestion.best(for: folded, among: names).map { "did you mean `--\($0)`?" }
            ?? (names.isEmpty
              ? "the program declares no parameters" : "parameters: \(names.map { "--\($0)" }.joined(separator: " "))"))
      }
      values[folded] = try declaration.type.converted(.string(text), isBareword: true, label: "--\(name)")
    }
    return values
  }
}
