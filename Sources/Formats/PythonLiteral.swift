import Base

/// The few Python literals that a `.npy` header is made of. Nothing is evaluated.
indirect enum PythonLiteral {
  case none
  case bool(Bool)
  case int(Int)
  case string(String)
  case tuple([PythonLiteral])
  case list([PythonLiteral])
  case dict([Entry])

  struct Entry {
    let key: String
    let value: PythonLiteral
  }

  private static let depthLimit = 16

  /// - Parameter base: where `bytes` begin in their file, for messages.
  static func parse(_ bytes: [UInt8], base: Int, origin: String) throws -> PythonLiteral {
    var parser = Parser(bytes: bytes, base: base, origin: origin)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.damaged("extra bytes follow the header") }
    return value
  }

  private struct Parser {
    let bytes: [UInt8]
    let base: Int
    let origin: String
    var position = 0

    func damaged(_ what: String) -> Failure {
      Failure(.format, "\(origin): not a readable .npy: \(what) at byte \(base + position)")
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 32 || byte == 10 || byte == 9 || byte == 13 { position += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      skipSpace()
      guard next == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) throws -> PythonLiteral {
      guard depth < depthLimit else { throw damaged("the header nests more than \(depthLimit) deep") }
      skipSpace()
      guard let byte = next else { throw damaged("a value is missing") }
      switch byte {
      case UInt8(ascii: "{"): return try dict(depth)
      case UInt8(ascii: "("):
        position += 1
        let (items, hadComma) = try items(until: ")", depth)
        return items.count == 1 && !hadComma ? items[0] : .tuple(items)
      case UInt8(ascii: "["):
        position += 1
        return .list(try items(until: "]", depth).items)
      case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return try integer()
      default: return try word()
      }
    }

    mutating func items(until close: Unicode.Scalar, _ depth: Int) throws -> (items: [PythonLiteral], hadComma: Bool) {
      var items: [PythonLiteral] = []
      var hadComma = false
      while !take(close) {
        guard items.isEmpty || hadComma else { throw damaged("a comma is missing") }
        items.append(try value(depth: depth + 1))
        if take(",") {
          hadComma = true
        } else {
          guard take(close) else { throw damaged("`\(close)` is missing") }
          return (items, items.count > 1)
        }
      }
      return (items, hadComma)
    }

    mutating func dict(_ depth: Int) throws -> PythonLiteral {
      position += 1
      var entries: [Entry] = []
      while !take("}") {
        skipSpace()
        let key = try string()
        guard take(":") else { throw damaged("a colon is missing") }
        entries.append(Entry(key: key, value: try value(depth: depth + 1)))
        if !take(",") {
          guard take("}") else { throw damaged("`}` is missing") }
          break
        }
      }
      return .dict(entries)
    }

    mutating func string() throws -> String {
      guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
        throw damaged("a quoted name is missing")
      }
      position += 1
      let start = position
      while let byte = next, byte != quote, byte != UInt8(ascii: "\\") { position += 1 }
      guard next == quote else { throw damaged("a name has no closing quote") }
      defer { position += 1 }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func integer() throws -> PythonLiteral {
      let start = position
      while let byte = next, (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") { position += 1 }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      // Python 2 wrote `3L`.
      if next == UInt8(ascii: "L") { position += 1 }
      guard let value = Int(text) else { throw damaged("`\(text.prefix(40))` is not an integer of 64 bits") }
      return .int(value)
    }

    mutating func word() throws -> PythonLiteral {
      let start = position
      while let byte = next, (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) { position += 1 }
      switch String(decoding: bytes[start..<position], as: UTF8.self) {
      case "True": return .bool(true)
      case "False": return .bool(false)
      case "None": return .none
      default:
        position = start
        throw damaged("a word is unknown")
      }
    }
  }
}
