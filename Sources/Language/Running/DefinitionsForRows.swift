import Base

/// Calls the user's definitions in expressions over columns: with these variables, and without commands.
struct DefinitionsForRows: RowCalls {
  let definitions: [String: Definition]
  let variables: [String: Value]
  let cancellation: Cancellation

  var names: [String] { Array(definitions.keys) }

  func caller() -> RowCaller {
    let interpreter = Interpreter(forRows: definitions, variables: variables, cancellation: cancellation)
    return { name, arguments, span in try interpreter.call(name, arguments, at: span) }
  }
}
