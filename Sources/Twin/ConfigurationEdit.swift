import Base
import Formats

/// One option of a twin's configuration that gets another value: `frontend.params.tap_mask=2`.
public struct ConfigurationEdit: Sendable, Equatable {
  /// `frontend.params.tap_mask`; positions in lists are numbers, `+1` a new entry before the one at position 1.
  public let path: String
  /// Null takes the option, or the entry of a list, away.
  public let value: ConfigNode

  /// Reads `PATH=VALUE`; the value is written as in YAML.
  ///
  /// - Throws: `usage` where there is no path or no `=`, or the value is not YAML.
  public init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, parts[0].split(separator: ".").joined(separator: ".") == parts[0] else {
      throw Failure(
        .usage, "`\(text.shortened)` is not an option and its value",
        hint: "write PATH=VALUE: frontend.params.lag_mask=2")
    }
    path = parts[0]
    do {
      value = try YAMLDocument.parse(text: "value: " + parts[1], name: path)["value"] ?? .null
    } catch let failure as Failure {
      throw Failure(.usage, "\(path): `\(parts[1].shortened)` is not a value in YAML: \(failure.message)")
    }
  }

  /// A configuration with options changed in turn, each written as PATH=VALUE.
  ///
  /// - Throws: as reading and applying one of them.
  public static func applied(_ edits: [String], to configuration: ConfigNode) throws -> ConfigNode {
    try edits.reduce(configuration) { try ConfigurationEdit($1).applied(to: $0) }
  }

  /// The configuration with this option changed; maps on the way that are missing are made.
  ///
  /// - Throws: `missing` for a position that a list does not have, `mismatch` where something on the way is a single value.
  public func applied(to configuration: ConfigNode) throws -> ConfigNode {
    try Self.set(path.split(separator: ".").map(String.init)[...], to: value, in: configuration, at: "")
  }

  private static func set(
    _ keys: ArraySlice<String>, to value: ConfigNode, in node: ConfigNode, at place: String
  ) throws -> ConfigNode {
    guard let key = keys.first else { return value }
    let own = place.isEmpty ? key : place + "." + key
    switch node {
    case .list(var items):
      if keys.count == 1, key.hasPrefix("+"), let index = Int(key), index <= items.count {
        guard !value.isNull else { throw Failure(.usage, "\(own): a new entry needs a value") }
        items.insert(value, at: index)
        return .list(items)
      }
      // An entry behind the last one is a new one, and null takes one away.
      if keys.count == 1, !value.isNull, Int(key) == items.count { return .list(items + [value]) }
      guard let index = Int(key), items.indices.contains(index) else {
        throw Failure(
          .missing, "\(own): the list `\(place)` has \(items.count) entries", hint: "the first one is \(place).0")
      }
      if keys.count == 1, value.isNull {
        items.remove(at: index)
        return .list(items)
      }
      items[index] = try set(keys.dropFirst(), to: value, in: items[index], at: own)
      return .list(items)
    case .map(var entries):
      if keys.count == 1, value.isNull { return .map(entries.filter { $0.key != key }) }
      let index = entries.firstIndex { $0.key == key }
      let changed = try set(keys.dropFirst(), to: value, in: index.map { entries[$0].value } ?? .null, at: own)
      if let index { entries[index].value = changed } else { entries.append(.init(key, changed)) }
      return .map(entries)
    case .null:
      if keys.count == 1, value.isNull { return .null }
      return .map([.init(key, try set(keys.dropFirst(), to: value, in: .null, at: own))])
    default:
      throw Failure(.mismatch, "\(own): `\(place)` is \(node.kindName) and has no options")
    }
  }
}
