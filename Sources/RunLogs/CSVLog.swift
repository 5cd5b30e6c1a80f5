import Base
import Foundation

/// The first line of a table, with its end, and the names in it.
struct CSVHeader: Sendable {
  let bytes: [UInt8]
  let names: [String]
  /// The first column of each name.
  private let places: [String: Int]

  init(bytes: [UInt8], names: [String]) {
    (self.bytes, self.names) = (bytes, names)
    places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
  }

  func place(_ name: String) -> Int? { places[name] }
}

/// A table of comma-separated values that a trainer appends to, read as far as its last complete row. What is damaged is left
/// out and told.
struct CSVLog: Sendable {
  private(set) var header = CSVHeader(bytes: [], names: [])
  /// Bytes of the file up to the end of the last complete row.
  private(set) var consumed = 0
  private var line = 1
  private var firstBadLine: Int?
  private var badLines = 0
  /// Whether something follows the last complete row.
  private var isCut = false

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")
  static let columnLimit = 20_000

  var names: [String] { header.names }

  func column(_ name: String) -> Int? { header.place(name) }

  var remarks: [String] {
    var remarks: [String] = []
    if let firstBadLine {
      remarks.append(
        "line \(firstBadLine)\(badLines > 1 ? " and \(badLines - 1) more" : "") left out: not the header's \(names.count) fields"
      )
    }
    if isCut { remarks.append("the last line is cut") }
    return remarks
  }

  /// Reads the header, unless it was read before.
  ///
  /// - Parameters:
  ///   - bytes: what follows the bytes that were read before.
  ///   - known: the header of another file; one that begins in the same way is not read again.
  /// - Returns: where the rows begin.
  /// - Throws: `format` for a file without a header.
  mutating func readHeader(_ bytes: [UInt8], path: String, known: CSVHeader? = nil) throws -> Int {
    guard consumed == 0 else { return 0 }
    if let known, !known.bytes.isEmpty, Self.begins(bytes, with: known.bytes) {
      header = known
    } else {
      guard !bytes.isEmpty else { throw Failure(.format, "\(path): the file is empty") }
      var fields: [Range<Int>] = []
      let end = bytes.withUnsafeBufferPointer { Self.row($0, from: 0, &fields) }
      guard let end, fields.count <= Self.columnLimit, !bytes[..<end].contains(0) else {
        throw Failure(.format, "\(path): it has no complete header line")
      }
      header = CSVHeader(bytes: Array(bytes[..<end]), names: fields.map { Self.text(bytes[$0]) })
    }
    consumed = header.bytes.count
    return consumed
  }

  private static func begins(_ bytes: [UInt8], with start: [UInt8]) -> Bool {
    bytes.count >= start.count && memcmp(bytes, start, start.count) == 0
  }

  static func text(_ field: ArraySlice<UInt8>) -> String {
    guard field.contains(quote) else { return String(decoding: field, as: UTF8.self) }
    var field = field
    if field.first == quote, field.count > 1, field.last == quote { field = field.dropFirst().dropLast() }
    let text = String(decoding: field, as: UTF8.self)
    return text.contains("\"\"") ? text.replacing("\"\"", with: "\"") : text
  }

  /// Hands each complete row to `use`: the bytes and its fields.
  ///
  /// - Parameters:
  ///   - start: where the rows begin in `bytes`.
  ///   - needed: so many fields are enough; of the others only the number is checked.
  /// - Returns: the last row that was handed over; nil where there was none.
  mutating func forEachRow(
    _ bytes: [UInt8], from start: Int, needed: Int = .max, _ use: (UnsafeBufferPointer<UInt8>, [Range<Int>]) -> Void
  ) -> Range<Int>? {
    var fields: [Range<Int>] = []
    fields.reserveCapacity(min(needed, names.count) + 1)
    var last: Range<Int>?
    bytes.withUnsafeBufferPointer { buffer in
      let hasZeros = ByteSearch.place(of: 0, in: buffer, start..<buffer.count) != nil
      let hasQuotes = ByteSearch.place(of: Self.quote, in: buffer, start..<buffer.count) != nil
      var position = start
      isCut = false
      while position < buffer.count {
        guard let (end, count) = Self.row(buffer, from: position, needed: needed, hasQuotes: hasQuotes, &fields)
        else {
          isCut = true
          break
        }
        line += 1
        defer {
          consumed += end - position
          position = end
        }
        if count == 1, fields.first?.isEmpty ?? true { continue }
        guard count == names.count,
          !hasZeros || ByteSearch.place(of: 0, in: buffer, position..<end) == nil
        else {
          if firstBadLine == nil { firstBadLine = line }
          badLines += 1
          continue
        }
        use(buffer, fields)
        last = position..<end
      }
    }
    return last
  }

  /// The fields of the row at `start`.
  static func fields(ofRowAt start: Int, in bytes: [UInt8]) -> [Range<Int>] {
    var fields: [Range<Int>] = []
    _ = bytes.withUnsafeBufferPointer { Self.row($0, from: start, &fields) }
    return fields
  }

  /// Finds the first fields of the row at `start`, and how many it has.
  ///
  /// - Returns: where the next row starts; nil where the row has no end.
  private static func row(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, needed: Int, hasQuotes: Bool, _ fields: inout [Range<Int>]
  ) -> (end: Int, count: Int)? {
    guard let feed = ByteSearch.place(of: 10, in: bytes, start..<bytes.count) else { return nil }
    // A quoted field may hold commas and ends of lines.
    if hasQuotes, ByteSearch.place(of: quote, in: bytes, start..<feed) != nil {
      return row(bytes, from: start, &fields).map { ($0, fields.count) }
    }
    let end = feed > start && bytes[feed - 1] == 13 ? feed - 1 : feed
    fields.removeAll(keepingCapacity: true)
    var field = start
    var position = start
    while position < end, fields.count < needed {
      if bytes[position] == comma {
        fields.append(field..<position)
        field = position + 1
      }
      position += 1
    }
    guard fields.count == needed else {
      fields.append(field..<end)
      return (feed + 1, fields.count)
    }
    return (feed + 1, needed + 1 + ByteSearch.count(of: comma, in: bytes, position..<end))
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
