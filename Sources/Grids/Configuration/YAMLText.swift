import Base
import Formats
import Foundation

/// Writes a configuration as YAML that PyYAML and vcsh read alike.
package struct YAMLText {
  /// Dotted paths whose lines get a comment, and the comment.
  var remarks: [String: String]
  private var lines: [String] = []

  /// - Parameter remarks: comments by dotted path, without the `#`.
  /// - Throws: `unsupported` for a number that is not finite.
  package static func of(_ node: ConfigNode, heading: [String] = [], remarks: [String: String] = [:]) throws -> String {
    var text = YAMLText(remarks: remarks)
    text.lines = heading.map { "# \($0)" }
    switch node {
    case .map(let entries) where !entries.isEmpty: try text.write(entries, [], 0)
    case .list(let items) where !items.isEmpty: try text.write(items, [], 0)
    default: text.lines.append(try Self.flow(node))
    }
    return text.lines.joined(separator: "\n") + "\n"
  }

  private mutating func write(_ entries: [ConfigNode.Entry], _ path: [String], _ depth: Int, first: String? = nil)
    throws
  {
    for (index, entry) in entries.enumerated() {
      let indent = index == 0 ? first ?? Self.indent(depth) : Self.indent(depth)
      try write(entry.value, indent + Self.scalar(entry.key) + ":", path + [entry.key], depth)
    }
  }

  private mutating func write(_ items: [ConfigNode], _ path: [String], _ depth: Int) throws {
    for (index, item) in items.enumerated() {
      let path = path + [String(index)]
      if case .map(let entries) = item, !entries.isEmpty {
        try write(entries, path, depth + 1, first: Self.indent(depth) + "- ")
      } else {
        lines.append(Self.indent(depth) + "- " + (try Self.flow(item)) + remark(path))
      }
    }
  }

  private mutating func write(_ node: ConfigNode, _ opening: String, _ path: [String], _ depth: Int) throws {
    switch node {
    case .map(let entries) where !entries.isEmpty:
      lines.append(opening + remark(path))
      try write(entries, path, depth + 1)
    case .list(let items) where items.contains(where: { !$0.isScalar }):
      lines.append(opening + remark(path))
      try write(items, path, depth + 1)
    default: lines.append(opening + " " + (try Self.flow(node)) + remark(path))
    }
  }

  private func remark(_ path: [String]) -> String {
    remarks[path.joined(separator: ".")].map { "  # \($0)" } ?? ""
  }

  private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

  /// A value on one line.
  package static func flow(_ node: ConfigNode) throws -> String {
    switch node {
    case .string(let text): return scalar(text)
    case .list(let items): return "[" + (try items.map { try flow($0) }).joined(separator: ", ") + "]"
    case .map(let entries):
      let parts = try entries.map { entry in
        let value = try flow(entry.value)
        return "\(scalar(entry.key)): \(value)"
      }
      return "{" + parts.joined(separator: ", ") + "}"
    case .null, .bool, .int, .double: return try node.jsonText()
    }
  }

  /// A text, in quotes where it could be read as something else.
  static func scalar(_ text: String) -> String {
    let isWord = text.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "_-./+=".utf8.contains($0)
    }
    if isWord, let first = text.utf8.first, !"-.+=".utf8.contains(first),
      (try? YAMLDocument.parse(text: "- " + text, name: "text")) == .list([.string(text)])
    {
      return text
    }
    return (try? ConfigNode.string(text).jsonText()) ?? "''"
  }
}

extension ConfigNode {
  fileprivate var isScalar: Bool { mapValue == nil && listValue == nil }
}
