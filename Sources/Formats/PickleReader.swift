import Base
import Foundation

/// Reads pickles of protocols 0 to 5 as data, with a stack machine that never calls anything.
///
/// Values, open marks and digits are limited. Every length is compared with the bytes that are left before it is used.
/// Source: CPython's `pickletools`, Lib/pickle.py.
package struct PickleReader {
  package static let nodeLimit = 3_000_000
  static let markLimit = 100_000
  static let stackLimit = 2_000_000
  /// CPython has the same limit when it converts text to integers.
  static let digitLimit = 4300

  private var window: ByteWindow
  let origin: String
  let end: Int
  var position: Int
  /// The offset of the current opcode, for messages.
  var opcodePosition = 0

  var builder = PickleBuilder()
  var stack: [PickleGraph.Node] = []
  var marks: [Int] = []
  var memo: [PickleGraph.Node] = []
  var sparseMemo: [Int: PickleGraph.Node] = [:]
  var memoCount = 0

  /// The value of the pickle that starts where `bytes` start, and the offset after its end.
  static func read(
    _ bytes: Bytes, origin: String, allowsEmbedded: Bool = true
  ) throws -> (root: PickleValue, end: Int) {
    ParseCount.add("\(origin): pickle at \(bytes.start)")
    var reader = PickleReader(bytes, origin: origin)
    reader.builder.allowsEmbedded = allowsEmbedded
    let root = try reader.run()
    return (PickleValue(graph: reader.builder.graph(root: root), node: root), reader.position)
  }

  private init(_ bytes: Bytes, origin: String) {
    window = ByteWindow(bytes)
    self.origin = origin
    end = bytes.end
    position = bytes.start
    builder.budget += 3 * bytes.count
    // Address space only: pages that are never written cost nothing.
    builder.contents.reserveCapacity(min(bytes.count, PickleReader.nodeLimit))
  }

  private mutating func run() throws -> PickleGraph.Node {
    while true {
      opcodePosition = position
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") { return try pop() }
      guard stack.count < PickleReader.stackLimit else {
        throw damage("more than \(PickleReader.stackLimit) values on the stack")
      }
      if opcode < 0x80 { try classic(opcode) } else { try modern(opcode) }
    }
  }

  /// Opcodes of protocols 0 and 1, and `B`, `C` of protocol 3.
  private mutating func classic(_ opcode: UInt8) throws {
    switch opcode {
    case UInt8(ascii: "("):
      guard marks.count < PickleReader.markLimit else { throw damage("more than \(PickleReader.markLimit) open marks") }
      marks.append(stack.count)
    case UInt8(ascii: "0"): if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case UInt8(ascii: "1"): _ = try popMark()
    case UInt8(ascii: "2"): stack.append(try top())
    case UInt8(ascii: "N"): try push(.null)
    case UInt8(ascii: "I"): try push(integerLine())
    case UInt8(ascii: "L"): try push(integer(digits: line(), suffix: "L"))
    case UInt8(ascii: "J"): try push(.int(Int(Int32(truncatingIfNeeded: unsigned(4)))))
    case UInt8(ascii: "K"): try push(.int(Int(byte())))
    case UInt8(ascii: "M"): try push(.int(unsigned(2)))
    case UInt8(ascii: "F"):
      let text = try line()
      guard let value = Double(text.trimmingCharacters(in: .whitespaces)) else {
        throw damage("`\(text.prefix(40))` is not a number")
      }
      try push(.double(value))
    case UInt8(ascii: "G"):
      var bits: UInt64 = 0
      for byte in try take(8) { bits = bits << 8 | UInt64(byte) }
      try push(.double(Double(bitPattern: bits)))
    case UInt8(ascii: "S"): try push(quotedLine())
    case UInt8(ascii: "V"): try push(.string(PickleText.rawUnicodeEscaped(lineBytes())))
    case UInt8(ascii: "T"): try push(.string(text(length(4))))
    case UInt8(ascii: "U"): try push(.string(text(Int(byte()))))
    case UInt8(ascii: "X"): try push(.string(text(length(4))))
    case UInt8(ascii: "B"): try push(.bytes(take(length(4))))
    case UInt8(ascii: "C"): try push(.bytes(take(Int(byte()))))
    case UInt8(ascii: "]"): try push(.list([]))
    case UInt8(ascii: "}"): try push(.dict([]))
    case UInt8(ascii: ")"): try push(.tuple([]))
    case UInt8(ascii: "l"): try push(.list(popMark()))
    case UInt8(ascii: "t"): try push(.tuple(popMark()))
    case UInt8(ascii: "d"):
      let items = try popMark()
      guard items.count.isMultiple(of: 2) else { throw damage("the last key of a dict has no value") }
      try push(.dict(items))
    case UInt8(ascii: "a"):
      let item = try pop()
      try append([item], to: top())
    case UInt8(ascii: "e"):
      let items = try popMark()
      try append(items, to: top())
    case UInt8(ascii: "s"):
      let value = try pop()
      let key = try pop()
      try set([key, value], in: top())
    case UInt8(ascii: "u"):
      let items = try popMark()
      guard items.count.isMultiple(of: 2) else { throw damage("a key has no value") }
      try set(items, in: top())
    case UInt8(ascii: "p"): try remember(index(line()))
    case UInt8(ascii: "q"): try remember(Int(byte()))
    case UInt8(ascii: "r"): try remember(unsigned(4))
    case UInt8(ascii: "g"): try recall(index(line()))
    case UInt8(ascii: "h"): try recall(Int(byte()))
    case UInt8(ascii: "j"): try recall(unsigned(4))
    case UInt8(ascii: "P"): try push(.string(line()), persistent: true)
    case UInt8(ascii: "Q"):
      let id = try pop()
      stack.append(try checked { try $0.persistent(id) })
    case UInt8(ascii: "c"):
      let module = try line()
      let name = try line()
      stack.append(try checked { try $0.global(module, name) })
    case UInt8(ascii: "R"):
      let arguments = try pop()
      let callable = try pop()
      stack.append(try checked { try $0.call(callable, arguments) })
    case UInt8(ascii: "b"):
      let state = try pop()
      let object = try top()
      try checked { try $0.build(object, state) }
    case UInt8(ascii: "i"):
      let module = try line()
      let name = try line()
      let items = try popMark()
      stack.append(try checked { try $0.make(try $0.global(module, name), try $0.add(.tuple(items))) })
    case UInt8(ascii: "o"):
      var items = try popMark()
      guard !items.isEmpty else { throw damage("OBJ needs a class") }
      let callable = items.removeFirst()
      stack.append(try checked { try $0.make(callable, try $0.add(.tuple(items))) })
    default: throw damage("no opcode 0x\(String(opcode, radix: 16))")
    }
  }

  /// Opcodes of protocols 2 to 5.
  private mutating func modern(_ opcode: UInt8) throws {
    switch opcode {
    case 0x80:
      let version = try byte()
      guard version <= 5 else { throw damage("its protocol is \(version), and vcsh reads protocols 0 to 5") }
    case 0x81:
      let arguments = try pop()
      let callable = try pop()
      stack.append(try checked { try $0.make(callable, arguments) })
    case 0x82, 0x83, 0x84:
      throw damage("a type is named by a number that only the program that wrote the file can resolve")
    case 0x85: try tuple(1)
    case 0x86: try tuple(2)
    case 0x87: try tuple(3)
    case 0x88: try push(.bool(true))
    case 0x89: try push(.bool(false))
    case 0x8a: try push(PickleText.integer(littleEndian: take(Int(byte()))))
    case 0x8b:
      let count = try length(4)
      guard count <= PickleReader.digitLimit else { throw damage("an integer of \(count) bytes is too long") }
      try push(PickleText.integer(littleEndian: take(count)))
    case 0x8c: try push(.string(text(Int(byte()))))
    case 0x8d: try push(.string(text(length(8))))
    case 0x8e, 0x96: try push(.bytes(take(length(8))))
    case 0x8f: try push(.set([]))
    case 0x90:
      let items = try popMark()
      let set = try top()
      try checked { try $0.insert(items, into: set) }
    case 0x91: try push(.set(popMark()))
    case 0x92:
      let keywords = try pop()
      let arguments = try pop()
      let callable = try pop()
      let object = try checked { try $0.make(callable, arguments) }
      try checked { try $0.keepKeywords(object, keywords) }
      stack.append(object)
    case 0x93:
      let name = try pop()
      let module = try pop()
      guard case .string(let moduleText) = builder.contents[Int(module)],
        case .string(let nameText) = builder.contents[Int(name)]
      else { throw damage("STACK_GLOBAL needs two names") }
      stack.append(try checked { try $0.global(moduleText, nameText) })
    case 0x94: try remember(memoCount)
    case 0x95:
      let count = try length(8)
      guard count <= end - position else {
        throw damage("a frame of \(count) bytes reaches past the end of the pickle")
      }
    case 0x97, 0x98: throw damage("a buffer was stored outside the file")
    default: throw damage("no opcode 0x\(String(opcode, radix: 16))")
    }
  }
}

// Stack, marks and memo.
extension PickleReader {
  func damage(_ what: String) -> Failure {
    Failure(.format, "\(origin): not a readable pickle: \(what) at byte \(opcodePosition)")
  }

  /// Runs a step of the builder and gives its failure this place.
  private mutating func checked<T>(_ step: (inout PickleBuilder) throws -> T) throws -> T {
    builder.place = opcodePosition
    do {
      return try step(&builder)
    } catch let refusal as PickleBuilder.Refusal {
      throw damage(refusal.reason)
    }
  }

  private mutating func push(_ content: PickleGraph.Content, persistent: Bool = false) throws {
    let node = try checked { try $0.add(content) }
    stack.append(persistent ? try checked { try $0.persistent(node) } : node)
  }

  private var floor: Int { marks.last ?? 0 }

  private mutating func pop() throws -> PickleGraph.Node {
    guard stack.count > floor, let node = stack.popLast() else { throw damage("nothing on the stack") }
    return node
  }

  private func top() throws -> PickleGraph.Node {
    guard stack.count > floor, let node = stack.last else { throw damage("nothing on the stack") }
    return node
  }

  private mutating func popMark() throws -> [PickleGraph.Node] {
    guard let mark = marks.popLast() else { throw damage("no open mark") }
    let items = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return items
  }

  private mutating func tuple(_ count: Int) throws {
    guard stack.count - floor >= count else { throw damage("nothing on the stack") }
    let items = Array(stack.suffix(count))
    stack.removeLast(count)
    try push(.tuple(items))
  }

  private mutating func append(_ items: [PickleGraph.Node], to node: PickleGraph.Node) throws {
    try checked { try $0.append(items, to: node) }
  }

  private mutating func set(_ items: [PickleGraph.Node], in node: PickleGraph.Node) throws {
    try checked { try $0.set(items, in: node) }
  }

  /// Writers number their memo from 0 or 1 upward; anything far beyond goes to a dictionary.
  private mutating func remember(_ index: Int) throws {
    let node = try top()
    memoCount += 1
    if index <= memo.count + 16 {
      while memo.count <= index { memo.append(-1) }
      memo[index] = node
    } else {
      if sparseMemo.updateValue(node, forKey: index) == nil { try checked { try $0.spend(PickleBuilder.Cost.entry) } }
    }
  }

  private mutating func recall(_ index: Int) throws {
    let node = memo.indices.contains(index) && memo[index] >= 0 ? memo[index] : sparseMemo[index]
    guard let node else { throw damage("there is no memo entry \(index)") }
    stack.append(node)
  }
}

// Reading bytes.
extension PickleReader {
  private mutating func byte() throws -> UInt8 {
    guard position < end else { throw cut() }
    defer { position += 1 }
    return try window.byte(position)
  }

  private func cut() -> Failure {
    Failure(.format, "\(origin): not a readable pickle: it ends at byte \(end) before it is complete")
  }

  private mutating func take(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= end - position else { throw damage("\(count) bytes reach past the end of the pickle") }
    defer { position += count }
    return try window.array(position..<position + count)
  }

  private mutating func unsigned(_ width: Int) throws -> Int {
    var value: UInt64 = 0
    for byte in try take(width).reversed() { value = value << 8 | UInt64(byte) }
    guard let size = Int(exactly: value) else { throw damage("the length \(value) reaches past the end of the pickle") }
    return size
  }

  /// The length of what follows, at most the rest of the file. (The format has signed lengths of four bytes: a negative
  /// one is too large here.)
  private mutating func length(_ width: Int) throws -> Int {
    let count = try unsigned(width)
    guard count <= end - position else { throw damage("\(count) bytes reach past the end of the pickle") }
    return count
  }

  private mutating func text(_ count: Int) throws -> String { String(decoding: try take(count), as: UTF8.self) }

  private mutating func line() throws -> String { String(decoding: try lineBytes(), as: UTF8.self) }

  private mutating func lineBytes() throws -> [UInt8] {
    guard let line = try window.line(position) else { throw cut() }
    position += line.count + 1
    return line
  }

  private func index(_ text: String) throws -> Int {
    guard let index = Int(text), index >= 0 else { throw damage("`\(text.prefix(40))` is not a memo index") }
    return index
  }

  private mutating func integerLine() throws -> PickleGraph.Content {
    let text = try line()
    if text == "00" || text == "01" { return .bool(text == "01") }
    return try integer(digits: text, suffix: "")
  }

  private func integer(digits text: String, suffix: String) throws -> PickleGraph.Content {
    let digits = text.hasSuffix(suffix) && !suffix.isEmpty ? String(text.dropLast()) : text
    guard digits.utf8.count <= PickleReader.digitLimit else {
      throw damage("an integer of \(digits.utf8.count) digits is too long")
    }
    if let value = Int(digits) { return .int(value) }
    let magnitude = digits.hasPrefix("-") ? digits.dropFirst() : digits[...]
    guard !magnitude.isEmpty, magnitude.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw damage("`\(text.prefix(40))` is not an integer")
    }
    return .bigInteger(digits)
  }

  private mutating func quotedLine() throws -> PickleGraph.Content {
    let text = try line()
    guard let quote = text.first, quote == "'" || quote == "\"", text.count >= 2, text.last == quote else {
      throw damage("text has no quotes")
    }
    return .string(PickleText.escaped(String(text.dropFirst().dropLast())))
  }
}
