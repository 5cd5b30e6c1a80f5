import Base
import Formats

/// Lists the settings of a YAML or JSON file.
enum ConfigurationInspection {
  /// - Returns: the kind of file in words.
  /// - Throws: `format`, with the line or the byte, where the text can't be read.
  static func read(_ path: String, into listing: inout Listing) throws -> String {
    if let node = try json(path) {
      settings(node, into: &listing)
      return "JSON"
    }
    let (node, tags) = try YAMLDocument.tagged(path: path)
    settings(node, into: &listing)
    for tag in tags { add(tag, into: &listing) }
    return "YAML"
  }

  /// Nil where the text is not JSON. Every JSON text begins with a bracket here; so may YAML.
  private static func json(_ path: String) throws -> ConfigNode? {
    let file = try RegularFile(path: path)
    guard file.size <= 16 << 20 else { return nil }
    let front = try file.read(0..<min(file.size, 4096)).first { ![32, 9, 10, 13].contains($0) }
    guard front == UInt8(ascii: "{") || front == UInt8(ascii: "[") else { return nil }
    do {
      return try LooseJSON.read(path)
    } catch let failure as Failure where failure.kind == .format {
      // A JSON file by its name is meant to be JSON: what is wrong with it is said in JSON's terms.
      if path.lowercased().hasSuffix(".json") { throw failure }
      return nil
    }
  }

  /// PyYAML's tags name what its unsafe loaders would import and call.
  private static func add(_ tag: YAMLTag, into listing: inout Listing) {
    for (prefix, isCalled) in [
      ("python/object/apply:", true), ("python/object/new:", true), ("python/object:", true), ("python/name:", false),
      ("python/module:", false),
    ] where tag.name.hasPrefix(prefix) {
      let parts = tag.name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
      listing.callable(
        parts.dropLast().joined(separator: "."), String(parts.last ?? ""), calls: isCalled ? 1 : 0)
      listing.note("line \(tag.line): yaml.safe_load refuses the tag `\(tag.name.shortened)`", .unknownRecords)
      return
    }
    guard !YAMLTag.plain.contains(tag.name) else { return }
    listing.note(
      "line \(tag.line): the tag `\(tag.name.shortened)` is unknown: its value is read as data", .unknownRecords)
  }

  /// A walk without recursion; the reader has limited the number of values.
  private static func settings(_ root: ConfigNode, into listing: inout Listing) {
    var open: [(path: String, node: ConfigNode)] = [("", root)]
    while let (path, node) = open.popLast() {
      switch node {
      case .map(let entries) where !entries.isEmpty:
        open += entries.reversed().map { (path.isEmpty ? $0.key.shortened : "\(path).\($0.key.shortened)", $0.value) }
      case .list(let items) where !items.isEmpty && !items.allSatisfy(\.isPlain):
        open += items.enumerated().reversed().map { ("\(path)[\($0)]", $1) }
      default: listing.add(InspectedPart(kind: .setting, name: path, type: node.typeName, detail: text(node)))
      }
    }
  }

  private static func text(_ node: ConfigNode) -> String {
    switch node {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return String(value)
    case .double(let value): return NumberText.exact(value)
    case .string(let value): return value.shortened
    case .map: return "empty"
    case .list(let items):
      guard let first = items.first, let last = items.last else { return "empty" }
      if items.count > 16 { return "\(items.count) values, \(text(first)) to \(text(last))" }
      return "[" + items.map(text).joined(separator: ", ") + "]"
    }
  }
}

extension ConfigNode {
  fileprivate var isPlain: Bool {
    switch self {
    case .list, .map: false
    default: true
    }
  }

  fileprivate var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .double: "float"
    case .string: "text"
    case .list: "list"
    case .map: "map"
    }
  }
}
