import Base

/// Why a request can't be served.
struct RequestProblem: Error {
  enum Reason: String {
    /// The line is not a JSON object.
    case malformed
    /// The line is not UTF-8.
    case encoding
    /// The line is too long.
    case tooLong = "too_long"
    /// The id is missing, or is neither a whole number nor text.
    case id
    /// An `execute` request that has not ended uses the same id.
    case duplicate
    case method
    case params
    /// Too many `execute` requests are waiting.
    case busy
  }

  /// Nil where the answer has no id.
  var id: RequestID?
  var reason: Reason
  var message: String
  var hint: String?
}
