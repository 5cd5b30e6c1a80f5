import Base
import Foundation

extension ConfigNode {
  /// The node as JSON on one line, keys in alphabetical order.
  ///
  /// - Throws: `unsupported` for a number that JSON does not have.
  package func jsonText() throws -> String {
    let data = try JSONSerialization.data(
      withJSONObject: object(), options: [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed])
    return String(decoding: data, as: UTF8.self)
  }

  private func object() throws -> Any {
    switch self {
    case .null: return NSNull()
    case .bool(let value): return value
    case .int(let value): return value
    case .double(let value):
      guard value.isFinite else {
        throw Failure(.unsupported, "a configuration with \(value) can't be written as JSON")
      }
      return value
    case .string(let value): return value
    case .list(let items): return try items.map { try $0.object() }
    case .map(let entries):
      return Dictionary(
        try entries.map { ($0.key, try $0.value.object()) }, uniquingKeysWith: { first, _ in first })
    }
  }
}
