import Base
import Foundation

/// The header of a safetensors file: JSON of one fixed form, read strictly and without recursion.
///
/// Source: the safetensors format description (8 bytes of length, JSON, data without holes or overlap).
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let type: String
    let shape: [Int]
    let start: Int
    let end: Int
    /// The byte of the file at which its entry in the header ends.
    let place: Int
  }

  /// More than any model has; each takes several times its bytes of the header in memory.
  static let tensorLimit = 100_000

  private(set) var entries: [Entry] = []
  private(set) var metadata: [(key: String, value: String)] = []

  private let bytes: [UInt8]
  private let origin: String
  private var position = 0

  /// - Parameter bytes: the JSON alone; it begins at byte 8 of the file.
  init(_ bytes: [UInt8], origin: String) throws {
    self.bytes = bytes
    self.origin = origin
    try expect("{")
    var names: Set<String> = []
    if !take("}") {
      repeat {
        let name = try string()
        guard names.count < Self.tensorLimit else { throw damaged("more than \(Self.tensorLimit) tensors") }
        guard names.insert(name).inserted else { throw damaged("`\(name)` is listed twice") }
        try expect(":")
        if name == "__metadata__" { try readMetadata() } else { try readEntry(name) }
      } while take(",")
      try expect("}")
    }
    // Writers pad the header with spaces.
    skipSpace()
    guard position == bytes.count else { throw damaged("extra bytes follow the header") }
  }

  private func damaged(_ what: String) -> Failure {
    Failure(.format, "\(origin): not a readable .safetensors header: \(what) at byte \(8 + position)")
  }

  private mutating func skipSpace() {
    while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard take(character) else { throw damaged("`\(character)` is missing") }
  }

  private mutating func readMetadata() throws {
    guard metadata.isEmpty else { throw damaged("the metadata is given twice") }
    try expect("{")
    if take("}") { return }
    var keys: Set<String> = []
    repeat {
      let key = try string()
      guard keys.insert(key).inserted else { throw damaged("the metadata's `\(key.prefix(40))` is given twice") }
      try expect(":")
      metadata.append((key, try string()))
    } while take(",")
    try expect("}")
  }

  private mutating func readEntry(_ name: String) throws {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try expect("{")
    repeat {
      let key = try string()
      try expect(":")
      switch key {
      case "dtype" where type == nil: type = try string()
      case "shape" where shape == nil: shape = try integers()
      case "data_offsets" where offsets == nil: offsets = try integers()
      default: throw damaged("the key `\(key.prefix(40))` is unknown or repeated")
      }
    } while take(",")
    try expect("}")
    guard let type, let shape, shape.count <= 64, let offsets, offsets.count == 2 else {
      throw damaged("`\(name.prefix(80))` needs dtype, shape and two data_offsets")
    }
    entries.append(Entry(name: name, type: type, shape: shape, start: offsets[0], end: offsets[1], place: 8 + position))
  }

  private mutating func integers() throws -> [Int] {
    try expect("[")
    var values: [Int] = []
    if take("]") { return values }
    repeat {
      skipSpace()
      let start = position
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      guard let value = Int(text), text == String(value) else { throw damaged("a size is missing or too large") }
      values.append(value)
    } while take(",")
    try expect("]")
    return values
  }

  private mutating func string() throws -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw damaged("text is not UTF-8") }
        return string
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<32: throw damaged("text has a control character")
      default: text.append(byte)
      }
    }
    throw damaged("text without its end")
  }

  private mutating func escape() throws -> [UInt8] {
    guard position < bytes.count else { throw damaged("text without its end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var code = UInt32(try unit())
      if (0xd800..<0xdc00).contains(code), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = UInt32(try unit())
        guard (0xdc00..<0xe000).contains(low) else { throw damaged("half a character") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw damaged("half a character") }
      return Array(String(Character(scalar)).utf8)
    default: throw damaged("a backslash starts no known character")
    }
  }

  private mutating func unit() throws -> UInt16 {
    guard position + 4 <= bytes.count,
      let value = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw damaged("a backslash starts no known character") }
    position += 4
    return value
  }
}
