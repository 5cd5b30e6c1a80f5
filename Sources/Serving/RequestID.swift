import Base

/// The id that links answers to a request: a whole number or text, chosen by the client.
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
