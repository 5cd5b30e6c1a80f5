import Base
import Foundation

/// The first line of a table, with its end, and the names in it.
final class CSVHeader: Sendable {
  let bytes: [UInt8]
  let names: [String]
  /// The first column of each name.
  private let places: [String: Int]

  init(bytes: [UInt8], names: [String]) {
    (self.bytes, self.names) = (bytes, names)
    places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
  }

  func place(_ name: String) -> Int? { places[name] }

  fileprivate static let none = CSVHeader(bytes: [], names: [])
}

/// A table of comma-separated values that a trainer appends to, read as far as its last complete row. What is damaged is left
/// out and told.
struct CSVLog: Sendable {
  private(set) var header = CSVHeader.none
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
  mutating func readHeader(
    _ bytes: UnsafeBufferPointer<UInt8>, path: @autoclosure () -> String, known: CSVHeader? = nil
  ) throws -> Int {
    guard consumed == 0 else { return 0 }
    if let known, !known.bytes.isEmpty, Self.begins(bytes, with: known.bytes) {
      header = known
    } else {
      guard !bytes.isEmpty else { throw Failure(.format, "\(path()): the file is empty") }
      var fields: [Range<Int>] = []
      guard let end = Self.row(bytes, from: 0, &fields), fields.count <= Self.columnLimit, !bytes[..<end].contains(0)
      else { throw Failure(.format, "\(path()): it has no complete header line") }
      header = CSVHeader(bytes: Array(bytes[..<end]), names: fields.map { Self.text(bytes[$0]) })
    }
    consumed = header.bytes.count
    return consumed
  }

  private static func begins(_ bytes: UnsafeBufferPointer<UInt8>, with start: [UInt8]) -> Bool {
    guard let first = bytes.baseAddress, bytes.count >= start.count else { return false }
    return memcmp(first, start, start.count) == 0
  }

  static func text(_ field: some BidirectionalCollection<UInt8>) -> String {
    guard field.contains(quote) else { return String(decoding: field, as: UTF8.self) }
    var field = field[...]
    if field.first == quote, field.count > 1, field.last == quote { field = field.dropFirst().dropLast() }
    let text = String(decoding: field, as: UTF8.self)
    return text.contains("\"\"") ? text.replacing("\"\"", with: "\"") : text
  }

  /// The first and the last of the rows that were handed over.
  typealias Ends = (first: Range<Int>, last: Range<Int>)

  /// Hands each complete row to `use`: the bytes and its fields.
  ///
  /// - Parameter start: where the rows begin in `bytes`.
  /// - Returns: nil where there was no row.
  mutating func forEachRow(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ use: (UnsafeBufferPointer<UInt8>, [Range<Int>]) -> Void
  ) -> Ends? {
    var fields: [Range<Int>] = []
    fields.reserveCapacity(names.count + 1)
    let hasQuotes = ByteSearch.place(of: Self.quote, in: bytes, start..<bytes.count) != nil
    return forEachRow(bytes, from: start) { position in
      guard let end = Self.row(bytes, from: position, hasQuotes: hasQuotes, &fields) else { return nil }
      return (end, fields.count == 1 && fields[0].isEmpty ? 0 : fields.count)
    } use: {
      use(bytes, fields)
    }
  }

  /// Hands one field of each complete row to `use`; of the others only the number is checked.
  ///
  /// - Returns: as `forEachRow`.
  mutating func forEachField(
    of column: Int, _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ use: (Range<Int>) -> Void
  ) -> Ends? {
    // A quoted field may hold commas and ends of lines.
    if ByteSearch.place(of: Self.quote, in: bytes, start..<bytes.count) != nil {
      return forEachRow(bytes, from: start) { _, fields in use(fields[column]) }
    }
    var field = 0..<0
    return forEachRow(bytes, from: start) { position in
      guard let feed = ByteSearch.place(of: 10, in: bytes, position..<bytes.count) else { return nil }
      let end = Self.end(ofRow: position..<feed, in: bytes)
      guard end > position else { return (feed + 1, 0) }
      let (found, before) = Self.field(column, in: bytes, position..<end)
      field = found
      return (feed + 1, before + ByteSearch.count(of: Self.comma, in: bytes, found.lowerBound..<end) + 1)
    } use: {
      use(field)
    }
  }

  /// - Parameters:
  ///   - next: reads the row at a place: where the next one starts, and how many fields it has, 0 for an empty line; nil for a
  ///     row without an end.
  ///   - use: for each row that has as many fields as the header.
  @inline(__always)
  private mutating func forEachRow(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, next: (Int) -> (end: Int, count: Int)?, use: () -> Void
  ) -> Ends? {
    let hasZeros = ByteSearch.place(of: 0, in: bytes, start..<bytes.count) != nil
    var ends: Ends?
    var position = start
    isCut = false
    while position < bytes.count {
      guard let (end, count) = next(position) else {
        isCut = true
        break
      }
      let row = position..<end
      line += 1
      position = end
      if count == 0 { continue }
      guard count == names.count, !hasZeros || ByteSearch.place(of: 0, in: bytes, row) == nil else {
        if firstBadLine == nil { firstBadLine = line }
        badLines += 1
        continue
      }
      use()
      ends = (ends?.first ?? row, row)
    }
    consumed += position - start
    return ends
  }

  /// The fields of a row.
  func fields(ofRow row: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var fields: [Range<Int>] = []
    fields.reserveCapacity(names.count)
    _ = Self.row(bytes, from: row.lowerBound, hasQuotes: true, &fields)
    return fields
  }

  /// One field of a row; nil where it has fewer.
  func field(_ column: Int, ofRow row: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    guard ByteSearch.place(of: Self.quote, in: bytes, row) == nil else {
      let fields = fields(ofRow: row, in: bytes)
      return fields.indices.contains(column) ? fields[column] : nil
    }
    let feed = ByteSearch.place(of: 10, in: bytes, row) ?? row.upperBound
    let end = Self.end(ofRow: row.lowerBound..<feed, in: bytes)
    let (field, before) = Self.field(column, in: bytes, row.lowerBound..<end)
    return before == column ? field : nil
  }

  /// One field of a row without quotes, or its last where it has fewer; and how many fields are before it.
  private static func field(
    _ column: Int, in bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>
  ) -> (field: Range<Int>, before: Int) {
    var (start, before) = (row.lowerBound, 0)
    while before < column, let comma = ByteSearch.place(of: comma, in: bytes, start..<row.upperBound) {
      start = comma + 1
      before += 1
    }
    return (start..<(ByteSearch.place(of: comma, in: bytes, start..<row.upperBound) ?? row.upperBound), before)
  }

  /// Without the carriage return before its end.
  private static func end(ofRow row: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    !row.isEmpty && bytes[row.upperBound - 1] == 13 ? row.upperBound - 1 : row.upperBound
  }

  /// The same as below, where it is known whether there are quotes in the table.
  private static func row(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, hasQuotes: Bool, _ fields: inout [Range<Int>]
  ) -> Int? {
    guard let feed = ByteSearch.place(of: 10, in: bytes, start..<bytes.count) else { return nil }
    if hasQuotes, ByteSearch.place(of: quote, in: bytes, start..<feed) != nil {
      return row(bytes, from: start, &fields)
    }
    let end = end(ofRow: start..<feed, in: bytes)
    fields.removeAll(keepingCapacity: true)
    var field = start
    for position in start..<end where bytes[position] == comma {
      fields.append(field..<position)
      field = position + 1
    }
    fields.append(field..<end)
    return feed + 1
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
