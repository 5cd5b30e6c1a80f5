import Base
import Yams

/// Refuses text, before it is parsed, whose tree would be too large or too deep.
enum YAMLGuard {
  private static let aliasLimit = 200
  private static let indentationLimit = 400

  static func check(_ text: String, name: String) throws {
    var flow = 0
    var deepestFlow = 0
    var aliases = 0
    var indentation = 0
    var column = 0
    var isIndent = true
    var isComment = false
    var previous = UInt8(ascii: "\n")
    var line = 1
    // The places at which a limit is first passed.
    var tooDeep: String?
    var tooMany: String?
    for byte in text.utf8 {
      defer { previous = byte }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        (column, isIndent, isComment) = (0, true, false)
        if byte == UInt8(ascii: "\n") { line += 1 }
        continue
      }
      column += 1
      if isComment { continue }
      let startsToken = " \n\r\t,[{:-".utf8.contains(previous) || previous >= 0x80
      switch byte {
      case UInt8(ascii: "#") where previous == 32 || previous == 10: isComment = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        flow += 1
        deepestFlow = max(deepestFlow, flow)
        if flow > YAMLDocument.depthLimit, tooDeep == nil { tooDeep = "\(line):\(column)" }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): flow = max(0, flow - 1)
      case UInt8(ascii: "*") where startsToken:
        aliases += 1
        if aliases > aliasLimit, tooMany == nil { tooMany = "\(line):\(column)" }
      default: break
      }
      if isIndent, byte != 32, byte != UInt8(ascii: "-") {
        isIndent = false
        indentation = max(indentation, column)
        if indentation > indentationLimit, tooDeep == nil { tooDeep = "\(line):\(column)" }
      }
    }
    if let tooDeep { throw Failure(.format, "\(name):\(tooDeep): it nests more than \(YAMLDocument.depthLimit) deep") }
    // Aliases may be chained: each can add to the depth of the one before it.
    guard tooMany == nil, (aliases + 1) * (deepestFlow + indentation) <= 20_000 else {
      throw Failure(
        .format, "\(name):\(tooMany ?? "\(line):\(column)"): it has \(aliases) aliases, more than vcsh follows")
    }
  }

  /// Refuses a text with aliases whose keys are aliases, lists or maps: keys are compared with all that is in them, which
  /// aliases of aliases make endless.
  ///
  /// The text is parsed with another sign in the place of `*`: it has the same keys and no alias.
  ///
  /// - Throws: `YamlError` for what is no YAML.
  static func checkKeys(_ text: String, name: String) throws {
    guard text.utf8.contains(UInt8(ascii: "*")), text.utf8.contains(UInt8(ascii: "&")) else { return }
    guard let root = try Yams.compose(yaml: text.replacing("*", with: aliasSign)) else { return }
    var waiting = [root]
    while let node = waiting.popLast() {
      switch node {
      case .mapping(let mapping):
        for (key, value) in mapping {
          guard case .scalar(let scalar) = key, scalar.style != .plain || !scalar.string.hasPrefix(aliasSign) else {
            let place = (key.mark ?? node.mark).map { "\($0.line):\($0.column)" } ?? "1:1"
            throw Failure(
              .format, "\(name):\(place): vcsh does not read aliases in a file whose keys are aliases, lists or maps")
          }
          waiting.append(value)
        }
      case .sequence(let sequence): waiting += sequence
      case .scalar, .alias: break
      }
    }
  }

  /// A character for private use, which text does not have.
  static let aliasSign = "\u{e000}"
}
