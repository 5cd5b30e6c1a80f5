import Base
import Foundation

extension ConfigNode {
  /// The node as JSON on one line, keys in alphabetical order or in their own. A number with a point keeps it, so that 1.0 stays no integer,
  /// for Python's YAML too.
  ///
  /// - Throws: `unsupported` for a number that JSON does not have.
  package func jsonText(sortsKeys: Bool = true) throws -> String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return String(value)
    case .double(let value):
      guard value.isFinite else {
        throw Failure(.unsupported, "a configuration with \(value) can't be written as JSON")
      }
      let text = value.description
      return text.contains(".") ? text : text.replacing("e", with: ".0e")
    case .string(let value): return try Self.quoted(value)
    case .list(let items):
      return "[" + (try items.map { try $0.jsonText(sortsKeys: sortsKeys) }).joined(separator: ",") + "]"
    case .map(let entries):
      let entries = sortsKeys ? entries.sorted { $0.key < $1.key } : entries
      let parts = try entries.map { try Self.quoted($0.key) + ":" + $0.value.jsonText(sortsKeys: sortsKeys) }
      return "{" + parts.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) throws -> String {
    let data = try JSONSerialization.data(
      withJSONObject: text, options: [.withoutEscapingSlashes, .fragmentsAllowed])
    return String(decoding: data, as: UTF8.self)
  }
}
