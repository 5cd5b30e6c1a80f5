import Foundation

/// Text and integers in the forms that pickles write them.
enum PickleText {
  /// Text as protocol 0 writes it: Latin-1, with `\uXXXX` and `\UXXXXXXXX` for other characters. Any other backslash is
  /// a plain character.
  static func rawUnicodeEscaped(_ bytes: [UInt8]) -> String {
    let text =
      bytes.allSatisfy { $0 < 0x80 }
      ? String(decoding: bytes, as: UTF8.self) : String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    return decode(text) { marker in
      switch marker {
      case UInt8(ascii: "u"): (4, nil)
      case UInt8(ascii: "U"): (8, nil)
      default: nil
      }
    }
  }

  /// Python's escapes inside quotes.
  static func escaped(_ text: String) -> String {
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "\\"): 92, UInt8(ascii: "'"): 39,
      UInt8(ascii: "\""): 34, UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "v"): 11,
    ]
    return decode(text) { marker in
      if marker == UInt8(ascii: "x") { return (2, nil) }
      return plain[marker].map { (0, $0) }
    }
  }

  /// Replaces what `escape` knows: a number of hexadecimal digits that name a character, or the character itself.
  private static func decode(_ text: String, escape: (UInt8) -> (digits: Int, character: UInt8?)?) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(UInt8(ascii: "\\")) else { return text }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count,
        let (digits, character) = escape(bytes[position + 1])
      else {
        out.append(bytes[position])
        position += 1
        continue
      }
      if let character {
        out.append(character)
        position += 2
      } else if position + 2 + digits <= bytes.count,
        let code = UInt32(String(decoding: bytes[position + 2..<position + 2 + digits], as: UTF8.self), radix: 16)
      {
        out += Array(String(Character(Unicode.Scalar(code) ?? "\u{fffd}")).utf8)
        position += 2 + digits
      } else {
        out.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Two's complement, least significant byte first.
  static func integer(littleEndian bytes: [UInt8]) -> PickleGraph.Content {
    let isNegative = (bytes.last ?? 0) >= 0x80
    if bytes.count <= 8 {
      var value: UInt64 = isNegative ? .max : 0
      for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
      return .int(Int(Int64(bitPattern: value)))
    }
    return .bigInteger(decimal(bytes, isNegative: isNegative))
  }

  /// Decimal digits by repeated division; the caller bounds the length.
  private static func decimal(_ bytes: [UInt8], isNegative: Bool) -> String {
    var magnitude = bytes
    if isNegative {
      var carry: UInt16 = 1
      for index in magnitude.indices {
        let sum = UInt16(~magnitude[index]) + carry
        magnitude[index] = UInt8(truncatingIfNeeded: sum)
        carry = sum >> 8
      }
    }
    var groups: [UInt64] = []
    while let last = magnitude.last {
      if last == 0 {
        magnitude.removeLast()
        continue
      }
      var rest: UInt64 = 0
      for index in magnitude.indices.reversed() {
        rest = rest << 8 | UInt64(magnitude[index])
        magnitude[index] = UInt8(rest / 1_000_000_000)
        rest %= 1_000_000_000
      }
      groups.append(rest)
    }
    guard let first = groups.popLast() else { return "0" }
    let tail = groups.reversed().map { group in
      let digits = String(group)
      return String(repeating: "0", count: 9 - digits.count) + digits
    }
    return (isNegative ? "-" : "") + String(first) + tail.joined()
  }
}
