import Base

/// JSON as Python's `json` writes it: with NaN, Infinity and -Infinity, which JSON itself does not allow.
package enum JSONNode {
  package static let depthLimit = 64
  package static let nodeLimit = 1_000_000

  /// - Throws: `format`, with the byte, where the text is not JSON.
  package static func parse(_ text: ArraySlice<UInt8>, name: String) throws -> ConfigNode {
    var parser = Parser(rest: text, name: name, start: text.startIndex)
    let node = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.rest.isEmpty else { throw parser.failure("text follows the value") }
    return node
  }

  private struct Parser {
    var rest: ArraySlice<UInt8>
    let name: String
    let start: Int
    var nodes = 0

    func failure(_ problem: String) -> Failure {
      Failure(.format, "\(name): not JSON at byte \(rest.startIndex - start): \(problem)")
    }

    mutating func skipSpace() { rest = rest.drop { $0 == 32 || $0 == 10 || $0 == 13 || $0 == 9 } }

    mutating func accept(_ byte: Character) -> Bool {
      skipSpace()
      guard rest.first == byte.asciiValue else { return false }
      rest.removeFirst()
      return true
    }

    mutating func value(depth: Int) throws -> ConfigNode {
      nodes += 1
      guard depth < JSONNode.depthLimit else { throw failure("it nests deeper than \(JSONNode.depthLimit) levels") }
      guard nodes < JSONNode.nodeLimit else { throw failure("it has more than \(JSONNode.nodeLimit) values") }
      skipSpace()
      switch rest.first {
      case UInt8(ascii: "{"): return try map(depth)
      case UInt8(ascii: "["): return try list(depth)
      case UInt8(ascii: "\""): return .string(try string())
      case nil: throw failure("a value is missing")
      default: return try word()
      }
    }

    private mutating func map(_ depth: Int) throws -> ConfigNode {
      rest.removeFirst()
      var entries: [ConfigNode.Entry] = []
      var places: [String: Int] = [:]
      if accept("}") { return .map([]) }
      repeat {
        skipSpace()
        guard rest.first == UInt8(ascii: "\"") else { throw failure("a name in quotes is needed") }
        let key = try string()
        guard accept(":") else { throw failure("a colon is missing") }
        let value = try value(depth: depth + 1)
        if let place = places[key] {
          entries[place].value = value
        } else {
          places[key] = entries.count
          entries.append(.init(key, value))
        }
      } while accept(",")
      guard accept("}") else { throw failure("a brace is not closed") }
      return .map(entries)
    }

    private mutating func list(_ depth: Int) throws -> ConfigNode {
      rest.removeFirst()
      var items: [ConfigNode] = []
      if accept("]") { return .list([]) }
      repeat { items.append(try value(depth: depth + 1)) } while accept(",")
      guard accept("]") else { throw failure("a bracket is not closed") }
      return .list(items)
    }

    private mutating func word() throws -> ConfigNode {
      let word = rest.prefix {
        ($0 >= 48 && $0 <= 57) || ($0 | 32 >= 97 && $0 | 32 <= 122) || $0 == 43 || $0 == 45 || $0 == 46
      }
      let text = String(decoding: word, as: UTF8.self)
      let node: ConfigNode? =
        switch text {
        case "null": .null
        case "true": .bool(true)
        case "false": .bool(false)
        case "NaN": .double(.nan)
        case "Infinity": .double(.infinity)
        case "-Infinity": .double(-.infinity)
        default: Int(text).map { .int($0) } ?? Double(text).map { .double($0) }
        }
      guard let node else { throw failure("`\(text.shortened)` is not a JSON value") }
      rest = rest.dropFirst(word.count)
      return node
    }

    private mutating func string() throws -> String {
      rest.removeFirst()
      var units: [UInt8] = []
      while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
        guard byte == UInt8(ascii: "\\") else {
          units.append(byte)
          continue
        }
        guard let escape = rest.popFirst() else { break }
        switch escape {
        case UInt8(ascii: "n"): units.append(10)
        case UInt8(ascii: "t"): units.append(9)
        case UInt8(ascii: "r"): units.append(13)
        case UInt8(ascii: "b"): units.append(8)
        case UInt8(ascii: "f"): units.append(12)
        case UInt8(ascii: "u"): units += try escaped()
        default: units.append(escape)
        }
      }
      throw failure("a quote is not closed")
    }

    private mutating func escaped() throws -> [UInt8] {
      func unit(_ parser: inout Parser) -> UInt32? {
        guard parser.rest.count >= 4 else { return nil }
        defer { parser.rest = parser.rest.dropFirst(4) }
        return UInt32(String(decoding: parser.rest.prefix(4), as: UTF8.self), radix: 16)
      }
      guard let first = unit(&self) else { throw failure("an escape needs four digits") }
      var code = first
      if (0xd800..<0xdc00).contains(first), rest.starts(with: Array("\\u".utf8)) {
        rest = rest.dropFirst(2)
        guard let second = unit(&self), (0xdc00..<0xe000).contains(second) else {
          throw failure("half of a surrogate pair")
        }
        code = 0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)
      }
      return Array(String(Unicode.Scalar(code).map(Character.init) ?? "\u{fffd}").utf8)
    }
  }
}
