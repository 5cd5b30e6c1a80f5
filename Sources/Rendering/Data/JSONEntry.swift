import Base

/// The outcome of one entry as one line of JSON, as `--json` prints it.
public enum JSONEntry {
  /// `{"entry": 3, "command": "...", "status": "ok", "result": ...}` and a newline.
  ///
  /// - Parameters:
  ///   - parameters: the values of the recipe's parameters that the entry has set; none: no such field.
  ///   - turns: for each value of a list in `result`, the names and elements of the loops around it; none: no such field.
  public static func ok(
    entry: Int, command: String, result: Value, parameters: Record = Record(), turns: [Record] = []
  ) -> String {
    head(entry, command, "ok") + more(parameters, turns) + ", \"result\": " + JSONText.encode(result) + "}\n"
  }

  /// The same with `"status": "failed"` and an `error` of `kind, message, line, column, hint`; unknown ones are null. A failed
  /// check, and a block that printed results before it failed, also have a `result`.
  public static func failed(
    entry: Int, command: String, failure: Failure, result: Value = .null, turns: [Record] = []
  ) -> String {
    let error = Record([
      ("kind", .string(failure.kind.rawValue)), ("message", .string(failure.message)),
      ("line", failure.span.map { .int($0.line) } ?? .null), ("column", failure.span.map { .int($0.column) } ?? .null),
      ("hint", failure.hint.map(Value.string) ?? .null),
    ])
    let found = result == .null ? "" : ", \"result\": " + JSONText.encode(result)
    return head(entry, command, "failed") + more(Record(), turns) + ", \"error\": " + JSONText.encode(.record(error))
      + found + "}\n"
  }

  private static func more(_ parameters: Record, _ turns: [Record]) -> String {
    (parameters.fields.isEmpty ? "" : ", \"parameters\": " + JSONText.encode(.record(parameters)))
      + (turns.allSatisfy(\.fields.isEmpty) ? "" : ", \"loop\": " + JSONText.encode(.list(turns.map(Value.record))))
  }

  private static func head(_ entry: Int, _ command: String, _ status: String) -> String {
    "{\"entry\": \(entry), \"command\": \(JSONText.quoted(command)), \"status\": \"\(status)\""
  }
}
