import Formats

/// The folder name of a Ray trial: `<trainable>_<trial id>_<number>_<k=v,k=v…>_<date>`, which Ray cuts when it is long.
package struct RayTrialName {
  package private(set) var parameters: [ConfigNode.Entry] = []
  /// What the cut took away, in words.
  private(set) var lost: String?
  /// Ray cuts names of this length.
  private static let cutLength = 150

  /// - Parameter path: of the folder, or its name alone.
  package init(_ path: String) {
    var path = path
    path.withUTF8 { bytes in
      let slash = UInt8(ascii: "/")
      let end = bytes.lastIndex { $0 != slash }.map { $0 + 1 } ?? 0
      let start = bytes[..<end].lastIndex(of: slash).map { $0 + 1 } ?? 0
      read(UnsafeBufferPointer(rebasing: bytes[start..<end]))
    }
  }

  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
    let end = bytes.count - Self.dateLength(bytes)
    guard let equals = ByteSearch.place(of: Self.equals, in: bytes, 0..<end) else { return }
    // The first name follows the trial's id and number: `_3bb08ddf_93_`, `_b9bdf_00003_3_`.
    var start = Self.numberEnd(bytes, before: equals) ?? 0
    let isCut = bytes.count >= Self.cutLength
    while start < end {
      let stop = ByteSearch.place(of: UInt8(ascii: ","), in: bytes, start..<end) ?? end
      // Empty parts don't count.
      let isLast = !bytes[stop..<end].contains { $0 != UInt8(ascii: ",") }
      if stop > start { take(bytes, start..<stop, isLast: isLast, isCut: isCut) }
      start = stop + 1
    }
  }

  private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, isLast: Bool, isCut: Bool) {
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    guard let equals = ByteSearch.place(of: Self.equals, in: bytes, part) else {
      if isLast { lost = "the folder's name is cut: `\(text(part))…` and what follows are lost" }
      return
    }
    let name = text(part.lowerBound..<equals)
    let value = text(equals + 1..<part.upperBound)
    if isCut && isLast {
      lost = "the folder's name is cut: `\(name)` may go on, and what follows is lost"
      parameters.append(.init(name, .string(value + "…")))
    } else {
      parameters.append(.init(name, Self.value(value)))
    }
  }

  private static let equals = UInt8(ascii: "=")
  private static let underscore = UInt8(ascii: "_")

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
  private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte >= 97 && byte <= 102) }

  /// Bytes of `_2026-01-25_17-41-52` at the end; 0 where it has none.
  private static func dateLength(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    let length = 20
    guard name.count > length else { return 0 }
    for place in 0..<length {
      let byte = name[name.count - length + place]
      let fits =
        switch place {
        case 0, 11: byte == underscore
        case 5, 8, 14, 17: byte == UInt8(ascii: "-")
        default: isDigit(byte)
        }
      guard fits else { return 0 }
    }
    return length
  }

  /// Where the first `_<trial id>_<number>_` ends: an id has 8 hexadecimal digits, or 5 and a number of 5 digits.
  private static func numberEnd(_ name: UnsafeBufferPointer<UInt8>, before end: Int) -> Int? {
    func length(from start: Int, _ isWanted: (UInt8) -> Bool) -> Int {
      var place = start
      while place < end, isWanted(name[place]) { place += 1 }
      return place - start
    }
    /// Behind an underscore that follows so many such bytes.
    func id(_ start: Int, _ count: Int, _ isWanted: (UInt8) -> Bool) -> Int? {
      let place = start + count
      return place < end && name[place] == underscore && length(from: start, isWanted) == count ? place + 1 : nil
    }
    for place in 0..<end where name[place] == underscore {
      let start = place + 1
      guard let digits = id(start, 8, isHex) ?? id(start, 5, isHex).flatMap({ id($0, 5, isDigit) }) else { continue }
      let underscoreAfter = digits + length(from: digits, isDigit)
      if underscoreAfter > digits, underscoreAfter < end, name[underscoreAfter] == underscore {
        return underscoreAfter + 1
      }
    }
    return nil
  }

  static func value(_ text: String) -> ConfigNode {
    switch text {
    case "True": .bool(true)
    case "False": .bool(false)
    case "None": .null
    default: Int(text).map { .int($0) } ?? NumberField.number(text).map { .double($0) } ?? .string(text)
    }
  }
}
