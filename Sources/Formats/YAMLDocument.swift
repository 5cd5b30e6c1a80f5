import Base
import Foundation
import Yams

/// Reads YAML into a configuration tree, as PyYAML's `safe_load` does. Tags only ever make data.
public enum YAMLDocument {
  /// In bytes; far larger than any configuration.
  static let sizeLimit = 16 << 20
  static let depthLimit = 100
  static let nodeLimit = 200_000

  /// - Throws: `missing` where there is no file; `format`, with file:line:column, where the text is not a YAML map or
  ///   list.
  public static func read(path: String) throws -> ConfigNode { try tagged(path: path).node }

  /// The same, with the tags that the file gives to its values.
  package static func tagged(path: String) throws -> (node: ConfigNode, tags: [YAMLTag]) {
    ParseCount.add("\(path): YAML")
    let file = try RegularFile(path: path)
    guard file.size <= sizeLimit else {
      throw Failure(
        .unsupported, "\(path): \(file.size) bytes are too many for a YAML file; vcsh reads up to \(sizeLimit)")
    }
    let contents = try file.contents()
    if let pointer = FilePointer(path, contents.prefix(4096)) { throw pointer.failure }
    guard !contents.isEmpty else { throw ForeignFile.empty(path) }
    let isWide = contents.starts(with: [0xff, 0xfe]) || contents.starts(with: [0xfe, 0xff])
    if !isWide, let foreign = ForeignFile.known(path, contents.prefix(512)) { throw foreign }
    guard let text = String(validating: contents, as: UTF8.self) else {
      throw Failure(
        .format, isWide ? "\(path): the text is UTF-16" : "\(path): not valid UTF-8 text", hint: "save it as UTF-8")
    }
    guard let root = try compose(text, name: path) else {
      throw Failure(.format, "\(path):1:1: a YAML map or list is needed, not null")
    }
    var converter = YAMLConverter(name: path)
    let node = try converter.node(root, depth: 0)
    guard node.mapValue != nil || node.listValue != nil else {
      let place = root.mark.map { "\($0.line):\($0.column)" } ?? "1:1"
      throw Failure(.format, "\(path):\(place): a YAML map or list is needed, not \(node.kindName)")
    }
    return (node, YAMLTag.all(in: root))
  }

  /// - Parameter name: the text's name in messages.
  public static func parse(text: String, name: String) throws -> ConfigNode {
    guard let root = try compose(text, name: name) else { return .null }
    var converter = YAMLConverter(name: name)
    return try converter.node(root, depth: 0)
  }

  /// Nil for an empty text.
  private static func compose(_ text: String, name: String) throws -> Node? {
    guard text.utf8.count <= sizeLimit else {
      throw Failure(
        .unsupported, "\(name): \(text.utf8.count) bytes are too many for YAML; vcsh reads up to \(sizeLimit)")
    }
    // Editors of Windows begin a text with a byte order mark.
    let text = text.first == "\u{feff}" ? String(text.dropFirst()) : text
    try YAMLGuard.check(text, name: name)
    do {
      try YAMLGuard.checkKeys(text, name: name)
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw failure(error, name, text)
    }
  }

  private static func failure(_ error: YamlError, _ name: String, _ text: String) -> Failure {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      Failure(
        .format, "\(name):\(mark.line):\(mark.column): \(problem)",
        hint: line(mark.line, of: text).contains("\t") ? "the line holds a tab: indent with spaces" : nil)
    case .duplicatedKeysInMapping(let keys, let context):
      Failure(
        .format,
        "\(name):\(context.mark.line):\(context.mark.column): the key `\((keys.first ?? "").replacing(YAMLGuard.aliasSign, with: "*"))` is set twice"
      )
    case .reader(let problem, let offset, _, _):
      Failure(.format, "\(name): \(problem)\(offset.map { " at byte \($0)" } ?? "")")
    default: Failure(.format, "\(name): it can't be read as YAML")
    }
  }

  private static func line(_ number: Int, of text: String) -> Substring {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.indices.contains(number - 1) ? lines[number - 1] : ""
  }
}
