import Base

/// Why a line is no request that can be served.
struct RequestProblem: Error {
  enum Reason: String {
    /// No JSON object.
    case malformed
    /// Not UTF-8.
    case encoding
    /// Longer than a line may be.
    case tooLong = "too_long"
    /// An id that is neither a whole number nor a text, or none.
    case id
    /// An id that an execute still has.
    case duplicate
    case method
    case params
    /// More executes wait than the server keeps.
    case busy
  }

  /// Nil where the answer can't, or must not, carry one.
  var id: RequestID?
  var reason: Reason
  var message: String
  var hint: String?
}
