import Base
import Foundation

/// Reads tables from comma- and tab-separated text: a header, then a line for each row.
///
/// A column gets the narrowest type that holds all of its entries. An empty entry is undefined, and so is
/// a number that is not finite; the table's note counts infinite ones.
public enum SeparatedTableReader {
  static let sizeLimit = 256 << 20

  /// - Parameter isTabbed: tab-separated with `\t`, `\n`, `\r`, `\\` inside text; else comma-separated as in RFC 4180,
  ///   or with semicolons where the header has no comma.
  /// - Throws: `format` at file:line for rows of another length, open quotes and repeated names.
  public static func table(path: String, isTabbed: Bool) throws -> Table {
    let file = try RegularFile(path: path)
    guard file.size <= sizeLimit else {
      throw Failure(.unsupported, "\(path): \(file.size) bytes; vcsh reads tables of up to \(sizeLimit)")
    }
    guard let text = String(validating: try file.contents(), as: UTF8.self) else {
      throw Failure(.format, "\(path): not valid UTF-8 text", hint: "save it as UTF-8")
    }
    return try table(text: text, name: path, isTabbed: isTabbed)
  }

  package static func table(text: String, name: String, isTabbed: Bool) throws -> Table {
    var bytes = Array(text.utf8)[...]
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
    let header = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let separator: UInt8 =
      isTabbed
      ? 9
      : !header.contains(UInt8(ascii: ",")) && header.contains(UInt8(ascii: ";"))
        ? UInt8(ascii: ";") : UInt8(ascii: ",")
    var rows = try records(bytes, separator, name: name, isTabbed: isTabbed)
    guard let first = rows.first else { throw Failure(.format, "\(name): the table is empty") }
    rows.removeFirst()
    // An index without a name, as pandas writes it.
    let names = first.fields.enumerated().map { index, field in
      let text = (field ?? "").trimmingCharacters(in: .whitespaces)
      return text.isEmpty ? (index == 0 ? "index" : "column\(index + 1)") : text
    }
    if let twice = Dictionary(grouping: names, by: \.self).filter({ $1.count > 1 }).keys.min() {
      throw Failure(.format, "\(name): two columns are named `\(twice.shortened)`", hint: "rename one of them")
    }
    for row in rows where row.fields.count != names.count {
      throw Failure(
        .format,
        "\(name):\(row.line): \(row.fields.count.counted("entry", "entries")), but the header has \(names.count.counted("column"))",
        hint: "entries with commas, tabs or line breaks need quotes")
    }
    var infinite = 0
    let columns = names.enumerated().map { index, name in
      column(name, rows.map { $0.fields[index] }, infinite: &infinite)
    }
    return Table(columns, note: note(infinite: infinite))
  }

  private typealias Row = (line: Int, fields: [String?])

  private static func records(_ bytes: ArraySlice<UInt8>, _ separator: UInt8, name: String, isTabbed: Bool) throws
    -> [Row]
  {
    let quote = UInt8(ascii: "\"")
    var rows: [Row] = []
    var fields: [String?] = []
    var field: [UInt8] = []
    var isQuoted = false
    var wasQuoted = false
    var line = 1
    var start = 1
    func ended() -> String? {
      let text = String(decoding: field, as: UTF8.self)
      if isTabbed { return text.isEmpty ? nil : unescaped(text) }
      return text.isEmpty && !wasQuoted ? nil : text
    }
    var position = bytes.startIndex
    func endRow() {
      if fields.isEmpty, field.isEmpty, !wasQuoted { return }
      fields.append(ended())
      rows.append((start, fields))
    }
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      if byte == 10 { line += 1 }
      if isQuoted {
        if byte != quote {
          field.append(byte)
        } else if position < bytes.endIndex, bytes[position] == quote {
          field.append(quote)
          position += 1
        } else {
          isQuoted = false
        }
      } else if byte == quote, !isTabbed, field.isEmpty, !wasQuoted {
        (isQuoted, wasQuoted) = (true, true)
      } else if byte == separator {
        fields.append(ended())
        (field, wasQuoted) = ([], false)
      } else if byte == 10 {
        if field.last == 13 { field.removeLast() }
        endRow()
        (fields, field, wasQuoted, start) = ([], [], false, line)
      } else {
        field.append(byte)
      }
    }
    guard !isQuoted else { throw Failure(.format, "\(name):\(start): a quote is not closed") }
    if field.last == 13 { field.removeLast() }
    endRow()
    return rows
  }

  private static func unescaped(_ text: String) -> String {
    guard text.contains("\\") else { return text }
    var out = ""
    var isEscape = false
    for character in text {
      if isEscape {
        out += ["t": "\t", "n": "\n", "r": "\r", "\\": "\\"][character] ?? "\\\(character)"
        isEscape = false
      } else if character == "\\" {
        isEscape = true
      } else {
        out.append(character)
      }
    }
    return isEscape ? out + "\\" : out
  }

  /// What became of infinite numbers; nil where there were none.
  static func note(infinite: Int) -> String? {
    infinite == 0 ? nil : infinite == 1 ? "1 infinite number became null" : "\(infinite) infinite numbers became null"
  }

  /// - Parameter infinite: counts infinite numbers, which are undefined.
  private static func column(_ name: String, _ fields: [String?], infinite: inout Int) -> Column {
    func all<T>(_ convert: (String) -> T?) -> [T?]? {
      var values: [T?] = []
      values.reserveCapacity(fields.count)
      for field in fields {
        guard let field, !field.isEmpty else {
          values.append(nil)
          continue
        }
        guard let value = convert(field.trimmingCharacters(in: .whitespaces)) else { return nil }
        values.append(value)
      }
      return values
    }
    if fields.allSatisfy({ $0 == nil }) { return Column(name, fields.map { _ in Optional<Double>.none }) }
    if let values = all({ Int($0) }) { return Column(name, values) }
    if let values = all(number) {
      infinite += values.count { $0?.isInfinite ?? false }
      return Column(name, values.map { $0.flatMap { $0.isFinite ? $0 : nil } })
    }
    if let values = all({ ["true": true, "false": false][$0.lowercased()] }) { return Column(name, values) }
    return Column(name, fields)
  }

  /// Also what pandas and R write for undefined numbers.
  private static func number(_ text: String) -> Double? {
    ["NA", "N/A", "null", "None"].contains(text) ? .nan : Double(text)
  }
}
