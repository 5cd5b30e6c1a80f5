import Base
import Foundation

/// Reads tables from JSON: a list of records, a record on each line (.jsonl), or a record of columns, each a list or, as
/// pandas writes it, a record by row. Columns stand in the order in which they first appear. Numbers that are not finite are
/// undefined; the table's note counts infinite ones.
public enum JSONTableReader {
  /// Nil for JSON of any other form.
  ///
  /// - Throws: `format` for text that begins as a list of records and is not JSON; what reading throws.
  public static func table(path: String) throws -> Table? {
    let file = try RegularFile(path: path)
    guard file.size <= SeparatedTableReader.sizeLimit else {
      throw Failure(
        .unsupported, "\(path): \(file.size) bytes; vcsh reads tables of up to \(SeparatedTableReader.sizeLimit)")
    }
    return try table(bytes: Array(file.contents()), name: path)
  }

  package static func table(bytes: [UInt8], name: String) throws -> Table? {
    var scanner = JSONRecordScanner(bytes, name: name)
    guard let records = try scanner.records() else {
      scanner = JSONRecordScanner(bytes, name: name)
      guard let columns = try scanner.columns() else { return nil }
      return Table(
        columns.map { Column($0.name, collecting: $0.values) },
        note: SeparatedTableReader.note(infinite: scanner.infinite))
    }
    var names: [String] = []
    var values: [String: [Value]] = [:]
    for (row, record) in records.enumerated() {
      for (key, value) in record {
        if values[key] == nil {
          names.append(key)
          values[key] = []
        }
        // A record may leave a key out, or name it twice: then the last value counts.
        let missing = row - (values[key]?.count ?? 0)
        if missing < 0 { values[key]?.removeLast() }
        if missing > 0 { values[key]? += [Value](repeating: .null, count: missing) }
        values[key]?.append(value)
      }
    }
    return Table(
      names.map { name in
        let column = values[name] ?? []
        return Column(name, collecting: column + [Value](repeating: .null, count: records.count - column.count))
      }, note: SeparatedTableReader.note(infinite: scanner.infinite))
  }
}

/// Flat records of JSON, read without recursion.
private struct JSONRecordScanner {
  private let bytes: [UInt8]
  private let name: String
  private var position = 0
  private var line = 1
  /// Infinite numbers so far.
  private(set) var infinite = 0

  init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  /// Nil where the text is not a list of flat records.
  mutating func records() throws -> [[(String, Value)]]? {
    var records: [[(String, Value)]] = []
    let isList = take("[")
    if isList, take("]") { return isAtEnd ? [] : nil }
    guard peek("{") else { return nil }
    while true {
      guard let record = try record() else { return nil }
      records.append(record)
      if isList {
        if take(",") { continue }
        guard take("]"), isAtEnd else { throw damaged("`]` is missing") }
        return records
      }
      if isAtEnd { return records.count > 1 || name.lowercased().hasSuffix(".jsonl") ? records : nil }
    }
  }

  /// Nil where the text is not a record of columns of one length.
  mutating func columns() throws -> [(name: String, values: [Value])]? {
    var columns: [(name: String, values: [Value])] = []
    guard take("{"), peek("\"") else { return nil }
    repeat {
      guard peek("\"") else { return nil }
      let key = try string()
      guard take(":"), let values = try column(), !columns.contains(where: { $0.name == key }),
        values.count == columns.first?.values.count ?? values.count
      else { return nil }
      columns.append((key, values))
    } while take(",")
    return take("}") && isAtEnd ? columns : nil
  }

  /// `[1, 2]` or `{"0": 1, "1": 2}`; nil for anything else.
  private mutating func column() throws -> [Value]? {
    let isList = take("[")
    guard isList || take("{") else { return nil }
    var values: [Value] = []
    if take(isList ? "]" : "}") { return values }
    repeat {
      if !isList {
        // pandas names a row by its number, which is not its place where rows were left out.
        guard peek("\""), Int(try string()) != nil, take(":") else { return nil }
      }
      if peek("[") || peek("{") { return nil }
      values.append(try value())
    } while take(",")
    return take(isList ? "]" : "}") ? values : nil
  }

  /// Nil where a value is a list or a record of its own.
  private mutating func record() throws -> [(String, Value)]? {
    guard take("{") else { throw damaged("a record is missing") }
    var fields: [(String, Value)] = []
    if take("}") { return fields }
    repeat {
      guard peek("\"") else { throw damaged("a name in quotes is missing") }
      let key = try string()
      guard take(":") else { throw damaged("`:` is missing") }
      if peek("[") || peek("{") { return nil }
      fields.append((key, try value()))
    } while take(",")
    guard take("}") else { throw damaged("`}` is missing") }
    return fields
  }

  private mutating func value() throws -> Value {
    if peek("\"") { return .string(try string()) }
    let start = position
    while position < bytes.count, !",}] \n\r\t".utf8.contains(bytes[position]) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "null", "NaN": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      if let integer = Int(text) { return .int(integer) }
      // Also `Infinity` and `-Infinity`, as Python writes them.
      guard let number = Double(text) else { throw damaged("`\(text.shortened)` is not a JSON value") }
      if number.isInfinite { infinite += 1 }
      return number.isFinite ? .double(number) : .null
    }
  }

  private mutating func string() throws -> String {
    guard take("\"") else { throw damaged("a quote is missing") }
    let start = position - 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\") { position += 1 }
      position += 1
    }
    guard position < bytes.count else { throw damaged("a quote is not closed") }
    position += 1
    let part = bytes[start..<position]
    if !part.contains(UInt8(ascii: "\\")) { return String(decoding: part.dropFirst().dropLast(), as: UTF8.self) }
    guard let text = try? JSONDecoder().decode(String.self, from: Data(part)) else {
      throw damaged("a backslash starts no known character")
    }
    return text
  }

  private mutating func skipSpace() {
    while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) {
      if bytes[position] == 10 { line += 1 }
      position += 1
    }
  }

  private var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return position == bytes.count
    }
  }

  private mutating func peek(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return position < bytes.count && bytes[position] == UInt8(ascii: character)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek(character) else { return false }
    position += 1
    return true
  }

  private func damaged(_ what: String) -> Failure { Failure(.format, "\(name):\(line): not readable JSON: \(what)") }
}
