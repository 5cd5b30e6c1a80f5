import Base
import Foundation

/// The header of a `.npy` file: element type, order and shape, checked before they are used.
///
/// Source: numpy/lib/format.py, versions 1 to 3.
package struct NpyHeader: Sendable {
  package let shape: [Int]
  /// numpy's code of the element type, `<f4`; `record` for a type with fields.
  package let typeName: String
  /// Python objects, kept as a pickle behind the header.
  package let holdsObjects: Bool
  /// Bytes of a character of text: 4 (`U`) or 1 (`S`); nil for all else.
  let textWidth: Int?
  /// Nil for text, records, dates and complex numbers: such files open, but their elements can't be read.
  package let scalar: ScalarType?
  /// Bytes of one element.
  package let itemSize: Int
  let isBigEndian: Bool
  package let isFortran: Bool
  /// Where the data begins, from the start of the file or entry.
  let dataOffset: Int

  /// No header that numpy writes is longer; its own reader stops at 10,000 too.
  static let lengthLimit = 65_536

  /// - Parameter front: the first bytes of the file or entry: as many as asked for, fewer where it is shorter.
  init(origin: String, front: (Int) throws -> Data) throws {
    // Nearly every header fits in the first piece; a longer one is read again in full.
    let piece = try front(1024)
    if piece.count == 1024, let header = try? NpyHeader(piece, origin: origin) {
      self = header
    } else {
      try self.init(piece.count == 1024 ? front(NpyHeader.lengthLimit + 12) : piece, origin: origin)
    }
  }

  /// `data` may be the front of a larger whole.
  private init(_ data: Data, origin: String) throws {
    func damaged(_ what: String) -> Failure { Failure(.format, "\(origin): not a readable .npy: \(what)") }
    let head = Array(data.prefix(12))
    guard head.count >= 10, head.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw damaged("the signature at byte 0 is missing")
    }
    guard (1...3).contains(head[6]), head[7] == 0 else {
      throw damaged("its version \(head[6]).\(head[7]) at byte 6 is unknown")
    }
    let start = head[6] == 1 ? 10 : 12
    var length = Int(head[8]) | Int(head[9]) << 8
    if start == 12 {
      guard head.count == 12 else { throw damaged("it ends at byte \(data.count)") }
      length |= Int(head[10]) << 16 | Int(head[11]) << 24
    }
    guard length <= NpyHeader.lengthLimit else { throw damaged("its header of \(length) bytes at byte 8 is too long") }
    guard data.count >= start + length else {
      throw damaged("its header of \(length) bytes ends past byte \(data.count)")
    }
    dataOffset = start + length
    let bytes = Array(data.dropFirst(start).prefix(length))
    guard case .dict(let entries) = try PythonLiteral.parse(bytes, base: start, origin: origin),
      Set(entries.map(\.key)) == ["descr", "fortran_order", "shape"], entries.count == 3
    else { throw damaged("its header at byte \(start) must be a dict of descr, fortran_order and shape") }
    var parts: [String: PythonLiteral] = [:]
    for entry in entries { parts[entry.key] = entry.value }
    guard case .bool(let isFortran) = parts["fortran_order"] else {
      throw damaged("fortran_order in its header at byte \(start) must be True or False")
    }
    guard case .tuple(let sizes) = parts["shape"], sizes.count <= 64 else {
      throw damaged("its shape in the header at byte \(start) is not a tuple")
    }
    var shape: [Int] = []
    for size in sizes {
      guard case .int(let value) = size, value >= 0 else {
        throw damaged("its shape in the header at byte \(start) holds something other than sizes")
      }
      shape.append(value)
    }
    guard let description = parts["descr"], let type = try NpyHeader.element(description, depth: 0) else {
      throw damaged("its element type in the header at byte \(start) is unknown to numpy")
    }
    if case .string(let code) = description {
      typeName = String(code.prefix(40))
      let kind = code.drop { "<>|=".contains($0) }
      // numpy's variable-width strings (`T`) are pickled, too.
      holdsObjects = kind.hasPrefix("O") || kind.hasPrefix("T")
      textWidth = kind.hasPrefix("U") ? 4 : kind.hasPrefix("S") || kind.hasPrefix("a") ? 1 : nil
    } else {
      typeName = "record"
      (holdsObjects, textWidth) = (NpyHeader.holdsObjects(description), nil)
    }
    self.isFortran = isFortran
    self.shape = shape
    (scalar, itemSize, isBigEndian) = (type.scalar, type.size, type.isBigEndian)
    _ = try byteCount(origin)
  }

  /// Bytes of all elements.
  package func byteCount(_ origin: String) throws -> Int {
    var count = max(1, itemSize)
    for size in shape {
      // An axis of length 0 must not hide that the others are too large.
      let (product, overflow) = count.multipliedReportingOverflow(by: max(1, size))
      guard !overflow else {
        throw Failure(
          .format, "\(origin): shape \(shape) in the header before byte \(dataOffset) is too large for any file")
      }
      count = product
    }
    return shape.contains(0) || itemSize == 0 ? 0 : count
  }

  /// Whether a field of a record holds Python objects; such an array is a pickle as a whole.
  private static func holdsObjects(_ description: PythonLiteral) -> Bool {
    switch description {
    case .string(let code): code.drop { "<>|=".contains($0) }.hasPrefix("O")
    case .list(let fields):
      fields.contains { field in
        guard case .tuple(let parts) = field, parts.count > 1 else { return false }
        return holdsObjects(parts[1])
      }
    default: false
    }
  }

  private typealias Element = (scalar: ScalarType?, size: Int, isBigEndian: Bool)

  /// Nil for an unknown element type.
  private static func element(_ description: PythonLiteral, depth: Int) throws -> Element? {
    switch description {
    case .string(let code): return element(code)
    case .list(let fields):
      guard depth < 8, !fields.isEmpty else { return nil }
      var size = 0
      for field in fields {
        guard case .tuple(let parts) = field, (2...3).contains(parts.count),
          let inner = try element(parts[1], depth: depth + 1)
        else { return nil }
        var count = 1
        if parts.count == 3 {
          guard case .tuple(let sizes) = parts[2] else { return nil }
          for case .int(let value) in sizes {
            let (product, overflow) = count.multipliedReportingOverflow(by: max(0, value))
            guard !overflow else { return nil }
            count = product
          }
        }
        let (bytes, overflow) = inner.size.multipliedReportingOverflow(by: count)
        let (sum, sumOverflow) = size.addingReportingOverflow(bytes)
        guard !overflow, !sumOverflow else { return nil }
        size = sum
      }
      return (nil, size, false)
    default: return nil
    }
  }

  private static func element(_ code: String) -> Element? {
    var rest = Substring(code)
    var isBigEndian = false
    if let mark = rest.first, "<>|=".contains(mark) {
      isBigEndian = mark == ">"
      rest = rest.dropFirst()
    }
    if let scalar = scalar(String(rest)) { return (scalar, scalar.byteCount, isBigEndian) }
    guard let kind = rest.first else { return nil }
    // A pickle of unknown length stands for the elements.
    if kind == "O" || kind == "T" { return (nil, 0, isBigEndian) }
    let digits = rest.dropFirst().prefix { $0 != "[" }
    guard let size = Int(digits), size >= 0, size <= 1 << 30 else { return nil }
    switch kind {
    case "U": return (nil, size * 4, isBigEndian)
    case "S", "V", "a": return (nil, size, isBigEndian)
    case "M", "m": return size == 8 ? (nil, 8, isBigEndian) : nil
    case "c": return [8, 16, 24, 32].contains(size) ? (nil, size, isBigEndian) : nil
    case "f": return size == 16 || size == 12 ? (nil, size, isBigEndian) : nil
    default: return nil
    }
  }

  /// numpy's code of a numeric type, without byte order.
  static func scalar(_ code: String) -> ScalarType? {
    switch code {
    case "b1", "?": .bool
    case "u1", "B": .uint8
    case "i1", "b": .int8
    case "i2": .int16
    case "i4": .int32
    case "i8": .int64
    case "u2": .uint16
    case "u4": .uint32
    case "u8": .uint64
    case "f2": .float16
    case "f4": .float32
    case "f8": .float64
    default: nil
    }
  }
}
