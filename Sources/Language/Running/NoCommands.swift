import Base

/// A host without commands, for definitions in expressions over columns.
final class NoCommands: CommandHost {
  let signatures = SignatureTable([])

  func run(_ call: Call) throws -> Value { throw Failure(.usage, "no command can run here", span: call.span) }
}
