import Base
import Language
import Session

/// Says something in the middle of a recipe.
struct PrintCommand: Command {
  static let signature = Signature("print", in: "shell", "Prints values in a row, separated by spaces")
    .argument("values", .value, "What to print", repeating: true)
    .returns(.value)
    .returnsMessage()
    .searchTerms("echo", "say", "message")

  static let examples = [Example("print \"cells: ${1 + 1}\"", "Text with a value in it")]

  func run(_ call: Call, in session: Session) throws -> Value {
    .string(call.strings("values").joined(separator: " "))
  }
}
