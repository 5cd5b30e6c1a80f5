import Base
import Rendering

/// The lines that the server writes, as records.
enum Message {
  static let version = 1

  static func hello(program: String, workspace: String) -> Record {
    Record([
      ("event", .string("hello")), ("protocol", .int(version)), ("vcsh", .string(program)),
      ("language", .int(1)), ("workspace", .string(workspace)),
      ("methods", .list(Request.methods.map(Value.string))), ("display", .list(DisplayForms.types.map(Value.string))),
    ])
  }

  static func answer(_ id: RequestID, _ status: String = "ok", _ fields: [(String, Value)] = []) -> Record {
    Record([("id", id.value), ("status", .string(status))] + fields)
  }

  static func event(_ id: RequestID, _ name: String, _ fields: [(String, Value)]) -> Record {
    Record([("id", id.value), ("event", .string(name))] + fields)
  }

  static func refused(_ problem: RequestProblem) -> Record {
    let error = Record([
      ("kind", .string("protocol")), ("reason", .string(problem.reason.rawValue)),
      ("message", .string(problem.message)),
      ("hint", problem.hint.map(Value.string) ?? .null),
    ])
    return Record([("id", problem.id?.value ?? .null), ("status", .string("error")), ("error", .record(error))])
  }

  /// The answer to an `execute` request that never ran.
  static func dropped(_ id: RequestID) -> Record {
    answer(id, "interrupted", [("error", .record(failure(.interrupted))), ("entries", .list([]))])
  }

  /// - Parameter line: the source line in which the failure occurred.
  static func failure(_ failure: Failure, sourceLine line: String? = nil) -> Record {
    let span = failure.span
    return Record([
      ("kind", .string(failure.kind.rawValue)), ("message", .string(failure.message)),
      ("hint", failure.hint.map(Value.string) ?? .null), ("source", span.map { .string($0.source) } ?? .null),
      ("line", span.map { .int($0.line) } ?? .null), ("column", span.map { .int($0.column) } ?? .null),
      ("length", span.map { .int($0.length) } ?? .null),
      ("diagnostic", .string(Diagnostic.render(failure, sourceLine: line, colour: false))),
    ])
  }
}
