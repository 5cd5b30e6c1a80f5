/// OmegaConf's references to other settings (`${model.channels}`), which it resolves when a setting is read.
enum ConfigReferences {
  private static let depthLimit = 8

  /// The tree with each reference that names a setting of the tree replaced by its value. Others stay as text.
  static func resolved(_ root: ConfigNode) -> ConfigNode {
    // References may name maps with references in them: the values are counted, so that no file grows without end.
    var budget = 2 * PickleValue.nodeLimit
    return resolved(root, in: root, depth: 0, &budget)
  }

  private static func resolved(_ node: ConfigNode, in root: ConfigNode, depth: Int, _ budget: inout Int) -> ConfigNode {
    budget -= 1
    guard budget > 0 else { return node }
    switch node {
    case .map(let entries):
      return .map(entries.map { .init($0.key, resolved($0.value, in: root, depth: depth, &budget)) })
    case .list(let items): return .list(items.map { resolved($0, in: root, depth: depth, &budget) })
    case .string(let text):
      guard text.hasPrefix("${"), text.hasSuffix("}"), depth < depthLimit,
        let target = root.at(String(text.dropFirst(2).dropLast()))
      else { return node }
      return resolved(target, in: root, depth: depth + 1, &budget)
    default: return node
    }
  }
}
