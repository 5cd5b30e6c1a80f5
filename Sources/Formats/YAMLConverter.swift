import Base
import Yams

/// Turns a parsed YAML tree into a configuration tree. Values are counted with every use of an alias, and limited.
struct YAMLConverter {
  let name: String
  private var budget = YAMLDocument.nodeLimit

  init(name: String) { self.name = name }

  mutating func node(_ node: Node, depth: Int) throws -> ConfigNode {
    budget -= 1
    guard depth < YAMLDocument.depthLimit, budget > 0 else {
      throw failure(
        node,
        "it nests more than \(YAMLDocument.depthLimit) deep or has more than \(YAMLDocument.nodeLimit) values, each alias counted with its content"
      )
    }
    switch node {
    case .scalar(let scalar): return try self.scalar(scalar)
    case .sequence(let sequence):
      var list: [ConfigNode] = []
      for item in sequence { list.append(try self.node(item, depth: depth + 1)) }
      return path(node.tag, list) ?? .list(list)
    case .mapping(let mapping): return try map(mapping, depth)
    case .alias: throw failure(node, "an alias has no anchor")
    }
  }

  private mutating func map(_ mapping: Node.Mapping, _ depth: Int) throws -> ConfigNode {
    var own: [ConfigNode.Entry] = []
    var merged: [ConfigNode.Entry] = []
    var names: Set<String> = []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else { throw failure(key, "a key is not text") }
      if scalar.string == "<<", scalar.style == .plain {
        merged += try merge(value, depth)
        continue
      }
      guard names.insert(scalar.string).inserted else { throw failure(key, "the key `\(scalar.string)` is set twice") }
      own.append(ConfigNode.Entry(scalar.string, try node(value, depth: depth + 1)))
    }
    // The map's own entries win over merged ones, and an earlier merge wins over a later one.
    let inherited = merged.filter { names.insert($0.key).inserted }
    return .map(inherited + own)
  }

  private mutating func merge(_ value: Node, _ depth: Int) throws -> [ConfigNode.Entry] {
    switch try node(value, depth: depth + 1) {
    case .map(let entries): return entries
    case .list(let maps):
      var entries: [ConfigNode.Entry] = []
      for map in maps {
        guard case .map(let more) = map else { throw failure(value, "`<<` needs a map or a list of maps") }
        entries += more
      }
      return entries
    default: throw failure(value, "`<<` needs a map or a list of maps")
    }
  }

  private func scalar(_ scalar: Node.Scalar) throws -> ConfigNode {
    let tag = scalar.tag.description
    if tag.hasSuffix(":str") { return .string(scalar.string) }
    let isTyped = ["int", "float", "bool", "null"].contains { tag.hasSuffix("2002:\($0)") }
    guard scalar.style == .plain || isTyped else { return .string(scalar.string) }
    guard let value = YAMLScalar.value(scalar.string) else {
      throw failure(.scalar(scalar), "an integer of \(scalar.string.utf8.count) digits is too large")
    }
    return value
  }

  /// Lightning writes paths as `!!python/object/apply:pathlib.PosixPath [/, a]`. Only the parts are joined; nothing is
  /// called.
  private func path(_ tag: Tag, _ parts: [ConfigNode]) -> ConfigNode? {
    guard tag.description.contains("python/object/apply:pathlib.") else { return nil }
    let names = parts.compactMap(\.stringValue)
    guard names.count == parts.count else { return nil }
    return .string(names.reduce("") { $0.isEmpty || $0.hasSuffix("/") ? $0 + $1 : $0 + "/" + $1 })
  }

  private func failure(_ node: Node, _ what: String) -> Failure {
    let place = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
    return Failure(.format, "\(name)\(place): \(what)")
  }
}
