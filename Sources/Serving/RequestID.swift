import Base

/// What ties answers to a request: a whole number or a text, as the client chose it.
enum RequestID: Hashable, Sendable {
  case number(Int)
  case text(String)

  var value: Value {
    switch self {
    case .number(let number): .int(number)
    case .text(let text): .string(text)
    }
  }
}
