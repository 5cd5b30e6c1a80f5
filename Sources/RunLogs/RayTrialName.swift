import Formats

/// The folder name of a Ray trial: `<trainable>_<trial id>_<number>_<k=v,k=v…>_<date>`, which Ray cuts when it is long.
package struct RayTrialName {
  package private(set) var parameters: [ConfigNode.Entry] = []
  /// What the cut took away, in words.
  private(set) var lost: String?
  /// Ray cuts names of this length.
  private static let cutLength = 150

  package init(_ folder: String) {
    let bytes = Array(folder.utf8)
    let end = bytes.count - Self.dateLength(bytes)
    guard let equals = bytes[..<end].firstIndex(of: UInt8(ascii: "=")) else { return }
    // The first name follows the trial's id and number: `_3bb08ddf_93_`, `_b9bdf_00003_3_`.
    let start = Self.numberEnd(bytes[..<equals]) ?? 0
    let isCut = bytes.count >= Self.cutLength
    let parts = bytes[start..<end].split(separator: UInt8(ascii: ","))
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else {
        if isLast {
          lost = "the folder's name is cut: `\(String(decoding: part, as: UTF8.self))…` and what follows are lost"
        }
        continue
      }
      let name = String(decoding: part[..<equals], as: UTF8.self)
      let value = String(decoding: part[(equals + 1)...], as: UTF8.self)
      if isCut && isLast {
        lost = "the folder's name is cut: `\(name)` may go on, and what follows is lost"
        parameters.append(.init(name, .string(value + "…")))
      } else {
        parameters.append(.init(name, Self.value(value)))
      }
    }
  }

  private static let underscore = UInt8(ascii: "_")

  private static let dateForm = Array("_dddd-dd-dd_dd-dd-dd".utf8)
  private static let idForms = ["xxxxxxxx_", "xxxxx_ddddd_"].map { Array($0.utf8) }

  /// Bytes of `_2026-01-25_17-41-52` at the end; 0 where it has none.
  private static func dateLength(_ name: [UInt8]) -> Int {
    let form = dateForm
    guard name.count > form.count else { return 0 }
    let start = name.count - form.count
    for place in form.indices {
      let byte = name[start + place]
      guard form[place] == UInt8(ascii: "d") ? isDigit(byte) : form[place] == byte else { return 0 }
    }
    return form.count
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
  private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte >= 97 && byte <= 102) }

  /// Where the first `_<trial id>_<number>_` ends: an id has 8 hexadecimal digits, or 5 and a number of 5 digits.
  private static func numberEnd(_ name: ArraySlice<UInt8>) -> Int? {
    for place in name.indices where name[place] == underscore {
      let start = place + 1
      for form in idForms where name.endIndex - start > form.count {
        guard isID(name, at: start, form) else { continue }
        let digits = start + form.count
        var end = digits
        while end < name.endIndex, isDigit(name[end]) { end += 1 }
        if end > digits, end < name.endIndex, name[end] == underscore { return end + 1 }
      }
    }
    return nil
  }

  private static func isID(_ name: ArraySlice<UInt8>, at start: Int, _ form: [UInt8]) -> Bool {
    for (place, kind) in form.enumerated() {
      let byte = name[start + place]
      switch kind {
      case UInt8(ascii: "x"): if !isHex(byte) { return false }
      case UInt8(ascii: "d"): if !isDigit(byte) { return false }
      default: if byte != kind { return false }
      }
    }
    return true
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
