/// Keys of a pager from the bytes that a terminal sends for them.
package struct KeyDecoder {
  private var pending: [UInt8] = []

  package init() {}

  /// The keys that `bytes` complete. A code that is cut in two between reads waits for its rest; unknown keys are left out.
  package mutating func take(_ bytes: [UInt8]) -> [SheetView.Key] {
    pending += bytes
    var keys: [SheetView.Key] = []
    while let first = pending.first {
      guard first == 0x1b else {
        if let key = Self.plain(first) { keys.append(key) }
        pending.removeFirst()
        continue
      }
      guard pending.count > 1 else { break }
      guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else {
        pending.removeFirst()
        continue
      }
      guard let end = pending.indices.dropFirst(2).first(where: { (0x40...0x7e).contains(pending[$0]) }) else { break }
      if let key = Self.code(String(decoding: pending[2...end], as: UTF8.self)) { keys.append(key) }
      pending.removeFirst(end + 1)
    }
    // What is no code of any terminal does not wait for ever.
    if pending.count > 16 { pending = [] }
    return keys
  }

  private static func plain(_ byte: UInt8) -> SheetView.Key? {
    switch Character(Unicode.Scalar(byte)) {
    case "q", "Q", "\u{04}": .quit
    case "j", "\n", "\r", "\u{0e}": .down
    case "k", "\u{10}": .up
    case " ", "f", "\u{06}": .pageDown
    case "b", "\u{02}": .pageUp
    case "h": .left
    case "l": .right
    case "g", "<": .top
    case "G", ">": .bottom
    default: nil
    }
  }

  private static func code(_ text: String) -> SheetView.Key? {
    switch text {
    case "A": .up
    case "B": .down
    case "C": .right
    case "D": .left
    case "5~": .pageUp
    case "6~": .pageDown
    case "H", "1~", "7~": .top
    case "F", "4~", "8~": .bottom
    default: nil
    }
  }
}
