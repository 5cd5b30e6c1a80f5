/// OmegaConf's references to other settings, which it resolves when a setting is read: `${model.channels}`, `${.size}` beside the
/// reference, `${..size}` one level up, and text with references in it (`v${version}`).
enum ConfigReferences {
  private static let depthLimit = 8
  /// Of a text with references in it, in bytes.
  private static let textLimit = 1 << 16

  /// The tree with each reference that names a setting of the tree replaced by its value. Others stay as text.
  static func resolved(_ root: ConfigNode) -> ConfigNode {
    // References may name maps with references in them: the values are counted, so that no file grows without end.
    var budget = 2 * PickleValue.nodeLimit
    return resolved(root, at: [], in: root, depth: 0, &budget)
  }

  /// - Parameter place: the keys from the root to the node.
  private static func resolved(
    _ node: ConfigNode, at place: [String], in root: ConfigNode, depth: Int, _ budget: inout Int
  ) -> ConfigNode {
    budget -= 1
    guard budget > 0 else { return node }
    switch node {
    case .map(let entries):
      return .map(
        entries.map { .init($0.key, resolved($0.value, at: place + [$0.key], in: root, depth: depth, &budget)) })
    case .list(let items):
      return .list(
        items.enumerated().map { resolved($1, at: place + [String($0)], in: root, depth: depth, &budget) })
    case .string(let text):
      guard text.contains("${"), depth < depthLimit else { return node }
      return filled(text, at: place, in: root, depth: depth, &budget) ?? node
    default: return node
    }
  }

  /// A text with its references replaced; the value itself where the text is one reference. Nil where one can't be resolved.
  private static func filled(
    _ text: String, at place: [String], in root: ConfigNode, depth: Int, _ budget: inout Int
  ) -> ConfigNode? {
    var out = ""
    var rest = text[...]
    while let open = rest.range(of: "${") {
      guard !rest[..<open.lowerBound].hasSuffix("\\"), let close = rest[open.upperBound...].firstIndex(of: "}"),
        let value = value(of: rest[open.upperBound..<close], at: place, in: root, depth: depth, &budget)
      else { return nil }
      let after = rest.index(after: close)
      if open.lowerBound == text.startIndex, after == text.endIndex { return value }
      guard let part = scalarText(value) else { return nil }
      out += rest[..<open.lowerBound] + part
      rest = rest[after...]
      guard out.utf8.count < textLimit else { return nil }
    }
    return .string(out + rest)
  }

  private static func value(
    of name: Substring, at place: [String], in root: ConfigNode, depth: Int, _ budget: inout Int
  ) -> ConfigNode? {
    let dots = name.prefix { $0 == "." }.count
    guard dots <= place.count else { return nil }
    // One dot stands for the map that holds the setting.
    let target =
      Array(dots == 0 ? [] : place.dropLast(dots)) + name.dropFirst(dots).split(separator: ".").map(String.init)
    guard !target.isEmpty, let found = root.at(target.joined(separator: ".")) else { return nil }
    return resolved(found, at: target, in: root, depth: depth + 1, &budget)
  }

  /// As OmegaConf writes a value into a text; nil for maps and lists.
  private static func scalarText(_ value: ConfigNode) -> String? {
    switch value {
    case .string(let text): text
    case .int(let number): String(number)
    case .double(let number): "\(number)"
    case .bool(let isTrue): isTrue ? "True" : "False"
    default: nil
    }
  }
}
