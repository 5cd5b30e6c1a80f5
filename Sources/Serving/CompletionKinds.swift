import Commands
import Language

/// What candidates at a place are: commands, flags, columns and so on.
struct CompletionKinds {
  private let expectation: CursorContext.Expectation

  init(_ before: String, session: Session) {
    expectation =
      CursorContext.at(before, cursor: before.count, signatures: session.interpreter.signatures).expectation
  }

  func kind(of candidate: String) -> String {
    switch expectation {
    case .command: Parser.keywords.contains(candidate) ? "keyword" : "command"
    case .flag: "flag"
    case .keyword: "keyword"
    case .variable: "variable"
    case .column: FunctionTable.names.contains(candidate) ? "function" : "column"
    case .nothing: "value"
    case .value(let type, _, _):
      switch type {
      case .object, .value: "object"
      case .stimulus: "stimulus"
      case .cell: "cell"
      case .path: "path"
      case .word("command"): "command"
      default: "value"
      }
    }
  }
}
