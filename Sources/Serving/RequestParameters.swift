import Base

/// Reads the `params` of a request one by one. Errors name the parameter.
struct RequestParameters {
  let id: RequestID
  private let method: String
  private let fields: KeyedDecodingContainer<AnyKey>?

  init(of request: KeyedDecodingContainer<AnyKey>, id: RequestID, method: String) throws {
    self.id = id
    self.method = method
    let key = AnyKey("params")
    guard request.contains(key), try !request.decodeNil(forKey: key) else {
      fields = nil
      return
    }
    do {
      fields = try request.nestedContainer(keyedBy: AnyKey.self, forKey: key)
    } catch {
      throw RequestProblem(id: id, reason: .params, message: "params is not an object")
    }
  }

  /// Rejects other parameters: a misspelt one would otherwise be ignored silently.
  func allow(_ names: String...) throws {
    guard let other = fields?.allKeys.map(\.stringValue).sorted().first(where: { !names.contains($0) }) else { return }
    throw problem(
      "\(method) has no parameter `\(other.shortened)`",
      hint: Suggestion.hint(for: other, among: names)
        ?? (names.isEmpty ? "it has no parameters" : "parameters: \(names.joined(separator: ", "))"))
  }

  func text(_ name: String) throws -> String {
    guard let text = try optionalText(name) else { throw problem("\(method) needs params.\(name), which is text") }
    return text
  }

  func optionalText(_ name: String) throws -> String? { try value(name, String.self, "text") }
  func bool(_ name: String) throws -> Bool? { try value(name, Bool.self, "true or false") }

  func int(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let number = try value(name, Int.self, "a whole number") else { return nil }
    guard range.contains(number) else {
      throw problem(
        "params.\(name) of \(method) is \(number)", hint: "it must be \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A position in code points; nil stands for the end.
  func cursor(in code: String) throws -> Int? { try int("cursor", in: 0...code.unicodeScalars.count) }

  func display(default fallback: [String]) throws -> [String] {
    guard let types = try value("display", [String].self, "a list of media types") else { return fallback }
    if let other = types.first(where: { !DisplayForms.types.contains($0) }) {
      throw problem(
        "\(method) can't render \(other.shortened)", hint: "choose from \(DisplayForms.types.joined(separator: ", "))")
    }
    return types
  }

  func id(_ name: String) throws -> RequestID? {
    guard let fields, fields.contains(AnyKey(name)), try !fields.decodeNil(forKey: AnyKey(name)) else { return nil }
    if let number = try? fields.decode(Int.self, forKey: AnyKey(name)) { return .number(number) }
    if let text = try? fields.decode(String.self, forKey: AnyKey(name)) { return .text(text) }
    throw problem("params.\(name) of \(method) must be an id: a whole number or text")
  }

  private func value<T: Decodable>(_ name: String, _ type: T.Type, _ what: String) throws -> T? {
    do {
      return try fields?.decodeIfPresent(type, forKey: AnyKey(name))
    } catch {
      throw problem("params.\(name) of \(method) is not \(what)")
    }
  }

  private func problem(_ message: String, hint: String? = nil) -> RequestProblem {
    RequestProblem(id: id, reason: .params, message: message, hint: hint)
  }
}

/// A coding key of any name.
struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { return nil }
}
