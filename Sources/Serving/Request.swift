import Base
import Foundation

/// A decoded request of the client.
struct Request: Sendable {
  enum Method: Sendable {
    case execute(ExecuteParameters)
    case complete(code: String, cursor: Int?)
    case inspect(code: String, cursor: Int?, display: [String])
    case isComplete(code: String)
    case check(code: String)
    case history(count: Int, words: [String], failed: Bool, session: Bool)
    case interrupt(RequestID?)
    case shutdown
  }

  /// The names of all methods, in the order of the documentation.
  static let methods = [
    "execute", "complete", "inspect", "is_complete", "check", "history", "interrupt", "shutdown",
  ]

  var id: RequestID
  var method: Method

  /// - Throws: `RequestProblem`.
  init(line: [UInt8]) throws {
    guard let text = String(validating: line, as: UTF8.self) else {
      throw RequestProblem(reason: .encoding, message: "the line is not UTF-8")
    }
    if let problem = StrictJSON.problem(in: line) {
      throw RequestProblem(reason: .malformed, message: "the line is not JSON: \(problem)")
    }
    do {
      self = try JSONDecoder().decode(DecodedRequest.self, from: Data(text.utf8)).request
    } catch let problem as RequestProblem {
      throw problem
    } catch {
      throw RequestProblem(
        reason: .malformed, message: "the line is not a JSON object",
        hint: "write {\"id\": 1, \"method\": \"execute\", \"params\": {\"code\": \"ls\"}} on one line")
    }
  }

  fileprivate init(id: RequestID, method: Method) {
    self.id = id
    self.method = method
  }
}

/// Parameters of `execute`.
struct ExecuteParameters: Sendable {
  var code: String
  /// Media types in which results are rendered.
  var display: [String]
  /// Number of rows of a table, or entries of a list, to send.
  var limit: Int
  /// Columns of `text/plain`; nil for no limit.
  var width: Int?
  /// Whether results include their typed value.
  var values: Bool

  static let defaultLimit = 1000
}

private struct DecodedRequest: Decodable {
  let request: Request

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: AnyKey.self)
    guard fields.contains(AnyKey("id")) else {
      throw RequestProblem(reason: .id, message: "the request has no id", hint: "an id is a whole number or text")
    }
    let id: RequestID
    if let number = try? fields.decode(Int.self, forKey: AnyKey("id")) {
      id = .number(number)
    } else if let text = try? fields.decode(String.self, forKey: AnyKey("id")) {
      id = .text(text)
    } else {
      throw RequestProblem(reason: .id, message: "an id must be a whole number or text")
    }
    if let other = fields.allKeys.map(\.stringValue).sorted().first(where: { !["id", "method", "params"].contains($0) })
    {
      throw RequestProblem(
        id: id, reason: .malformed, message: "unknown field `\(other.shortened)` in the request",
        hint: "the fields are id, method and params")
    }
    guard let name = try? fields.decode(String.self, forKey: AnyKey("method")) else {
      throw RequestProblem(
        id: id, reason: .method, message: "the request has no method",
        hint: "methods: \(Request.methods.joined(separator: ", "))")
    }
    let parameters = try RequestParameters(of: fields, id: id, method: name)
    request = Request(id: id, method: try Self.method(name, parameters))
  }

  private static func method(_ name: String, _ given: RequestParameters) throws -> Request.Method {
    switch name {
    case "execute":
      try given.allow("code", "display", "limit", "width", "values")
      return .execute(
        ExecuteParameters(
          code: try given.text("code"), display: try given.display(default: []),
          limit: try given.int("limit", in: 1...10_000_000) ?? ExecuteParameters.defaultLimit,
          width: try given.int("width", in: 20...10_000), values: try given.bool("values") ?? true))
    case "complete":
      try given.allow("code", "cursor")
      let code = try given.text("code")
      return .complete(code: code, cursor: try given.cursor(in: code))
    case "inspect":
      try given.allow("code", "cursor", "display")
      let code = try given.text("code")
      return .inspect(
        code: code, cursor: try given.cursor(in: code), display: try given.display(default: ["text/plain"]))
    case "is_complete":
      try given.allow("code")
      return .isComplete(code: try given.text("code"))
    case "check":
      try given.allow("code")
      return .check(code: try given.text("code"))
    case "history":
      try given.allow("count", "search", "failed", "session")
      return .history(
        count: try given.int("count", in: 1...1_000_000) ?? 20,
        words: (try given.optionalText("search") ?? "").split(whereSeparator: \.isWhitespace).map(String.init),
        failed: try given.bool("failed") ?? false, session: try given.bool("session") ?? false)
    case "interrupt":
      try given.allow("request")
      return .interrupt(try given.id("request"))
    case "shutdown":
      try given.allow()
      return .shutdown
    default:
      throw RequestProblem(
        id: given.id, reason: .method, message: "there is no method `\(name.shortened)`",
        hint: Suggestion.hint(for: name, among: Request.methods)
          ?? "methods: \(Request.methods.joined(separator: ", "))")
    }
  }
}
