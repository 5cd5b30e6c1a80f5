import Base

/// A configuration tree, from a YAML file or a checkpoint's hyper-parameters.
public indirect enum ConfigNode: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case list([ConfigNode])
  /// Keys in file order; keys are unique.
  case map([Entry])

  public struct Entry: Sendable, Equatable {
    public var key: String
    public var value: ConfigNode

    public init(_ key: String, _ value: ConfigNode) {
      self.key = key
      self.value = value
    }
  }

  /// The value under `key`. Nil where there is no such key, or this is not a map.
  public subscript(key: String) -> ConfigNode? {
    guard case .map(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The value at a dotted path, list positions as numbers: `convnet.params.block_configs.0.norm_type`.
  public func at(_ path: String) -> ConfigNode? {
    var node = self
    for part in path.split(separator: ".") {
      if case .list(let items) = node, let index = Int(part), items.indices.contains(index) {
        node = items[index]
      } else if let next = node[String(part)] {
        node = next
      } else {
        return nil
      }
    }
    return node
  }

  public var isNull: Bool { self == .null }
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  public var listValue: [ConfigNode]? { if case .list(let value) = self { value } else { nil } }
  public var mapValue: [Entry]? { if case .map(let value) = self { value } else { nil } }

  /// An integer, also one that is written as `2.0`.
  public var intValue: Int? {
    switch self {
    case .int(let value): value
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  public var doubleValue: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The integers of a list, or a single integer as a list of one. Nil for anything else.
  public var intList: [Int]? {
    switch self {
    case .int(let value): [value]
    case .list(let items):
      items.allSatisfy { $0.intValue != nil } ? items.compactMap(\.intValue) : nil
    default: nil
    }
  }

  /// The kind of this value, for messages. For a list: the kind of its first unexpected item, as in "text at item 3".
  public func kindName(unless isExpected: (ConfigNode) -> Bool) -> String {
    guard case .list(let items) = self, let index = items.firstIndex(where: { !isExpected($0) }) else {
      return kindName
    }
    return "\(items[index].kindName) at item \(index)"
  }

  /// The word for messages: "a list", "text".
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .int: "an integer"
    case .double: "a number"
    case .string: "text"
    case .list: "a list"
    case .map: "a map"
    }
  }
}
