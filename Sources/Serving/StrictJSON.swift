import Foundation

/// Rules of JSON that Foundation's decoder does not hold: no trailing comma, and no key twice in one object.
///
/// A client whose keys come twice means one of two values, and which one no decoder can tell.
enum StrictJSON {
  /// The first rule that a text breaks; nil for a text that breaks neither. Other rules are the decoder's.
  static func problem(in line: [UInt8]) -> String? {
    // The keys of each open object; nil for an open list.
    var open: [Set<[UInt8]>?] = []
    var previous: UInt8 = 0
    var place = 0
    while place < line.count {
      let byte = line[place]
      switch byte {
      case UInt8(ascii: "\""):
        let start = place + 1
        place = start
        while place < line.count, line[place] != UInt8(ascii: "\"") {
          place += line[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        let isKey = previous == UInt8(ascii: "{") || previous == UInt8(ascii: ",")
        if isKey, place <= line.count, let last = open.indices.last, var keys = open[last] {
          let key = name(line[start..<min(place, line.count)])
          guard keys.insert(key).inserted else {
            return "the key `\(String(decoding: key.prefix(40), as: UTF8.self))` is there twice"
          }
          open[last] = keys
        }
      case UInt8(ascii: "{"): open.append([])
      case UInt8(ascii: "["): open.append(nil)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if previous == UInt8(ascii: ",") { return "a comma stands before a closing bracket" }
        _ = open.popLast()
      default: break
      }
      if ![32, 9, 10, 13].contains(byte) { previous = byte }
      place += 1
    }
    return nil
  }

  /// A key without its escapes: `"a"` and `"\u0061"` are the same key.
  private static func name(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard text.contains(UInt8(ascii: "\\")) else { return Array(text) }
    let quoted = Data([UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")])
    guard let key = try? JSONDecoder().decode(String.self, from: quoted) else { return Array(text) }
    return Array(key.utf8)
  }
}
