import Base

/// The first line of a table, with its end, and the names in it.
struct CSVHeader: Sendable {
  let bytes: [UInt8]
  let names: [String]
}

/// A table of comma-separated values that a trainer appends to. What is damaged is left out and told.
struct CSVLog {
  let names: [String]
  private(set) var remarks: [String] = []
  private let bytes: [UInt8]
  private let body: Int

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")
  static let columnLimit = 20_000

  /// - Parameter known: the header of an earlier file; one that begins in the same way is not read again.
  /// - Throws: `format` for a file without a header.
  init(_ bytes: [UInt8], path: String, known: CSVHeader? = nil) throws {
    self.bytes = bytes
    if let known, bytes.starts(with: known.bytes) {
      (names, body) = (known.names, known.bytes.count)
      return
    }
    guard !bytes.isEmpty else { throw Failure(.format, "\(path): the file is empty") }
    var fields: [Range<Int>] = []
    let end = bytes.withUnsafeBufferPointer { Self.row($0, from: 0, &fields) }
    guard let end, fields.count <= Self.columnLimit, !bytes[..<end].contains(0) else {
      throw Failure(.format, "\(path): it has no complete header line")
    }
    names = fields.map { Self.text(bytes[$0]) }
    body = end
  }

  var header: CSVHeader { CSVHeader(bytes: Array(bytes[..<body]), names: names) }

  func column(_ name: String) -> Int? { names.firstIndex(of: name) }

  func text(_ range: Range<Int>) -> String { Self.text(bytes[range]) }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    guard field.contains(quote) else { return String(decoding: field, as: UTF8.self) }
    var field = field
    if field.first == quote, field.count > 1, field.last == quote { field = field.dropFirst().dropLast() }
    let text = String(decoding: field, as: UTF8.self)
    return text.contains("\"\"") ? text.replacing("\"\"", with: "\"") : text
  }

  /// Hands each complete row to `use`: the bytes and its fields, as many as the header has.
  mutating func forEachRow(_ use: (UnsafeBufferPointer<UInt8>, [Range<Int>]) -> Void) {
    var fields: [Range<Int>] = []
    fields.reserveCapacity(names.count + 1)
    var line = 1
    var badLines: [Int] = []
    var isCut = false
    bytes.withUnsafeBufferPointer { buffer in
      var position = body
      while position < buffer.count {
        line += 1
        guard let end = Self.row(buffer, from: position, &fields) else {
          isCut = true
          break
        }
        defer { position = end }
        if fields.count == 1, fields[0].isEmpty { continue }
        guard fields.count == names.count, !buffer[position..<end].contains(0) else {
          badLines.append(line)
          continue
        }
        use(buffer, fields)
      }
    }
    if let first = badLines.first {
      remarks.append(
        "line \(first)\(badLines.count > 1 ? " and \(badLines.count - 1) more" : "") left out: not the header's \(names.count) fields"
      )
    }
    if isCut { remarks.append("the last line is cut") }
  }

  /// Finds the fields of the row at `start`.
  ///
  /// - Returns: where the next row starts; nil where the row has no end.
  private static func row(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ fields: inout [Range<Int>]) -> Int? {
    fields.removeAll(keepingCapacity: true)
    var field = start
    var position = start
    while position < bytes.count {
      let byte = bytes[position]
      if byte == comma {
        fields.append(field..<position)
        field = position + 1
      } else if byte == 10 {
        let end = position > field && bytes[position - 1] == 13 ? position - 1 : position
        fields.append(field..<end)
        return position + 1
      } else if byte == quote, position == field {
        position += 1
        while position < bytes.count {
          if bytes[position] == quote {
            guard position + 1 < bytes.count, bytes[position + 1] == quote else { break }
            position += 1
          }
          position += 1
        }
      }
      position += 1
    }
    return nil
  }
}
