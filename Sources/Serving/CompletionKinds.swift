import Functions
import Language
import Session
import Shell

/// The kind of each completion candidate at a place: command, flag, column and so on.
struct CompletionKinds {
  private let expectation: CursorContext.Expectation
  /// Keywords and flags that are possible as well.
  private let others: Set<String>

  init(_ before: String, session: Session) {
    let context = CursorContext.at(
      before, cursor: before.count, signatures: session.interpreter.signatures, in: Surroundings(session.interpreter))
    expectation = context.expectation
    others = Set(context.others)
  }

  func kind(of candidate: String) -> String {
    if candidate.hasPrefix("--") { return "flag" }
    if others.contains(candidate) { return "keyword" }
    return switch expectation {
    case .command: Parser.keywords.contains(candidate) ? "keyword" : "command"
    case .flag: "flag"
    case .word: "keyword"
    case .variable: "variable"
    case .column: FunctionTable.names.contains(candidate) ? "function" : "column"
    case .nothing: "value"
    case .value(let type, _, _):
      switch type {
      case .object, .value: "object"
      case .stimulus: "stimulus"
      case .cell: "cell"
      case .path: "path"
      case .word("command"), .word("topic"): "command"
      default: "value"
      }
    }
  }
}
