import Base
import Yams

/// A tag that a YAML file gives to a value: `python/object/apply:pathlib.PosixPath`. vcsh reads the value as data.
package struct YAMLTag: Sendable, Hashable {
  /// Without the prefix of YAML's own tags.
  package let name: String
  package let line: Int

  /// Tags that say what a plain value is.
  package static let plain: Set<String> = [
    "str", "int", "float", "bool", "null", "map", "seq", "set", "omap", "pairs", "binary", "timestamp", "merge",
    "value",
    "python/tuple", "python/dict", "python/list", "python/str", "python/unicode", "python/int", "python/long",
    "python/float", "python/complex", "python/bool", "python/none", "python/bytes",
  ]

  /// All tags of a tree that are not those of plain maps, lists and values, in file order.
  static func all(in root: Node) -> [YAMLTag] {
    var open = [root]
    var budget = YAMLDocument.nodeLimit
    var tags: [YAMLTag] = []
    while let node = open.popLast(), budget > 0 {
      budget -= 1
      let name = bare(node.tag.description)
      if !name.isEmpty, !plain.contains(name) { tags.append(YAMLTag(name: name, line: node.mark?.line ?? 0)) }
      switch node {
      case .mapping(let mapping): for (key, value) in mapping.reversed() { open += [value, key] }
      case .sequence(let sequence): open += sequence.reversed()
      case .scalar, .alias: break
      }
    }
    return tags
  }

  /// Without the prefix of YAML's own tags, or the mark of a tag of the file's own.
  private static func bare(_ tag: String) -> String {
    for prefix in ["tag:yaml.org,2002:", "!"] where tag.hasPrefix(prefix) { return String(tag.dropFirst(prefix.count)) }
    return tag
  }
}
