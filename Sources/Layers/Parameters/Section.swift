import Base
import Formats

/// The options at one place of the configuration, each to be read or named as unknown.
package struct Section: Sendable {
  /// `convnet.params.block_configs.1`
  package let path: String
  private let entries: [ConfigNode.Entry]
  private var read: Set<String> = []

  /// - Throws: `unsupported` where something else than a map (or nothing) stands there.
  package init(_ node: ConfigNode?, path: String) throws {
    self.path = path
    switch node {
    case nil, .null?: entries = []
    case .map(let entries)?: self.entries = entries
    case let other?: throw Failure(.unsupported, "\(path): a map of options is needed, not \(other.kindName)")
    }
  }

  package func path(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

  /// The value under `key` unless it is absent or null.
  package mutating func node(_ key: String) -> ConfigNode? {
    read.insert(key)
    guard let value = entries.first(where: { $0.key == key })?.value, !value.isNull else { return nil }
    return value
  }

  /// Whether nothing is written.
  package var isEmpty: Bool { entries.isEmpty }

  /// Whether `key` is written, be it null.
  package func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  package mutating func string(_ key: String) throws -> String? {
    try value(key, "text") { $0.stringValue }
  }

  package mutating func int(_ key: String) throws -> Int? {
    try value(key, "an integer") { $0.intValue }
  }

  package mutating func double(_ key: String) throws -> Double? {
    try value(key, "a number") { $0.doubleValue }
  }

  package mutating func bool(_ key: String) throws -> Bool? {
    try value(key, "true or false") { $0.boolValue }
  }

  package mutating func ints(_ key: String) throws -> [Int]? {
    try value(key, "an integer or a list of them") { $0.intList }
  }

  package mutating func doubles(_ key: String) throws -> [Double]? {
    try value(key, "a list of numbers") { node in
      guard let items = node.listValue else { return nil }
      let numbers = items.compactMap(\.doubleValue)
      return numbers.count == items.count ? numbers : nil
    }
  }

  package mutating func strings(_ key: String) throws -> [String]? {
    try value(key, "a list of names") { node in
      guard let items = node.listValue else { return nil }
      let names = items.compactMap(\.stringValue)
      return names.count == items.count ? names : nil
    }
  }

  /// A size of at least `minimum`.
  package mutating func size(_ key: String, minimum: Int = 1) throws -> Int? {
    guard let value = try int(key) else { return nil }
    guard value >= minimum, value <= 1 << 20 else {
      throw Failure(.unsupported, "\(path(key)): \(value) is not between \(minimum) and \(1 << 20)")
    }
    return value
  }

  /// Sizes along time, height and width; one number stands for all three.
  package mutating func triple(_ key: String, minimum: Int) throws -> [Int]? {
    guard let values = try ints(key) else { return nil }
    guard values.count == 3 || values.count == 1, values.allSatisfy({ $0 >= minimum && $0 <= 1 << 16 }) else {
      throw Failure(
        .unsupported,
        "\(path(key)): \(values) is neither one nor three integers (time, height, width) of at least \(minimum)")
    }
    return values.count == 1 ? [values[0], values[0], values[0]] : values
  }

  package mutating func section(_ key: String) throws -> Section {
    read.insert(key)
    return try Section(entries.first { $0.key == key }?.value, path: path(key))
  }

  package mutating func sections(_ key: String) throws -> [Section]? {
    guard let items = try value(key, "a list of maps", { $0.listValue }) else { return nil }
    return try items.enumerated().map { try Section($1, path: path("\(key).\($0)")) }
  }

  /// A probability; 0 where nothing is written.
  package mutating func rate(_ key: String) throws -> Double {
    let value = try double(key) ?? 0
    guard value >= 0, value <= 1 else {
      throw Failure(.unsupported, "\(path(key)): \(value) is not between 0 and 1")
    }
    return value
  }

  /// What must be there.
  package func required<Value>(_ key: String, _ value: Value?) throws -> Value {
    guard let value else { throw Failure(.unsupported, "\(path(key)): missing") }
    return value
  }

  /// Marks options that change nothing in the forward pass.
  package mutating func ignore(_ keys: String...) { read.formUnion(keys) }

  /// - Throws: `unsupported` naming an option that nothing read.
  package func finish() throws {
    guard let unknown = entries.first(where: { !read.contains($0.key) }) else { return }
    throw Failure(
      .unsupported, "\(path(unknown.key)): unknown option `\(unknown.key)`",
      hint: Suggestion.hint(for: unknown.key, among: read.sorted())
        ?? (read.isEmpty ? nil : "options there: \(read.sorted().joined(separator: ", "))"))
  }

  /// - Throws: `unsupported` naming `value` and the choices.
  package func unknown(_ key: String, _ kind: String, _ value: String, among choices: [String]) -> Failure {
    Failure(
      .unsupported, "\(path(key)): unknown \(kind) `\(value)`",
      hint: Suggestion.hint(for: value, among: choices) ?? "known: \(choices.sorted().joined(separator: ", "))")
  }

  private mutating func value<Value>(_ key: String, _ wanted: String, _ convert: (ConfigNode) -> Value?) throws
    -> Value?
  {
    guard let node = node(key) else { return nil }
    guard let value = convert(node) else {
      if let open = Self.leftOpen(node) {
        throw Failure(
          .unsupported, "\(path(key)): \(wanted) is needed, and \(open)",
          hint: "give the model's YAML with the value: --model FILE")
      }
      throw Failure(.unsupported, "\(path(key)): \(wanted) is needed, not \(node.kindName)")
    }
    return value
  }

  /// What OmegaConf keeps in place of a value that is still to be given; nil for any other value.
  private static func leftOpen(_ node: ConfigNode) -> String? {
    guard let text = node.stringValue else { return nil }
    if text == "???" { return "`???` stands there: OmegaConf's word for a value that was never given" }
    return text.contains("${") ? "the reference `\(text.shortened)` names no setting of the configuration" : nil
  }
}
