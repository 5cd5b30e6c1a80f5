import Base
import Foundation

/// Reads tables from comma- and tab-separated text: a header, then a line for each row.
///
/// A column gets the narrowest type that holds all of its entries. An empty entry is undefined, and so is
/// a number that is not finite; the table's note counts infinite ones, and says where the text was not written as its ending
/// tells. Lines end with a line feed, with or without a carriage return, or with a carriage return alone where the text has
/// no line feed.
public enum SeparatedTableReader {
  static let sizeLimit = 256 << 20

  /// - Parameter isTabbed: tab-separated with `\t`, `\n`, `\r`, `\\` inside text; else comma-separated as in RFC 4180.
  ///   Where the header has none of these separators but another one, that is used.
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
    let newline: UInt8 = bytes.contains(10) ? 10 : 13
    var header = bytes.prefix { $0 != newline }
    let expected = UInt8(ascii: isTabbed ? "\t" : ",")
    var separator: UInt8
    var line = 1
    if let given = givenSeparator(header) {
      separator = given
      bytes = bytes[header.endIndex...].dropFirst()
      line = 2
    } else {
      // Outside quotes: a name may hold a comma.
      var isQuoted = false
      header.removeAll { byte in
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        return isQuoted
      }
      separator =
        ([expected] + ",;\t".utf8).first { header.contains($0) } ?? expected
    }
    let isEscaped = isTabbed && separator == 9
    var rows = try records(bytes, separator, newline, from: line, name: name, isTabbed: isEscaped)
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
    var notes = [note(infinite: infinite)].compactMap(\.self)
    if separator != expected, isTabbed || separator == 9 {
      let names: [UInt8: String] = [9: "tabs", UInt8(ascii: ","): "commas", UInt8(ascii: ";"): "semicolons"]
      notes.append(
        "read as separated by \(names[separator] ?? "`\(Character(Unicode.Scalar(separator)))`"), as its header is")
    }
    let decimals = columns.filter { separator != UInt8(ascii: ",") && holdsDecimalCommas($0) }.map {
      "`\($0.name.shortened)`"
    }
    if !decimals.isEmpty {
      notes.append("\(decimals.listed(first: 6)): numbers with decimal commas stay text; write them with points")
    }
    return Table(columns, note: notes.isEmpty ? nil : notes.joined(separator: "; "))
  }

  /// The separator that Excel's first line `sep=;` gives; nil for any other line.
  private static func givenSeparator(_ line: ArraySlice<UInt8>) -> UInt8? {
    var text = line.filter { $0 != UInt8(ascii: "\"") && $0 != 13 }
    guard text.count == 5, let last = text.popLast() else { return nil }
    return String(decoding: text, as: UTF8.self).lowercased() == "sep=" ? last : nil
  }

  /// Whether a column of text holds `1,5` and the like alone.
  private static func holdsDecimalCommas(_ column: Column) -> Bool {
    guard case .string(let texts) = column.values else { return false }
    var found = false
    for text in texts.compactMap(\.self) {
      let parts = text.trimmingCharacters(in: .whitespaces).split(separator: ",", omittingEmptySubsequences: false)
      if parts.count == 1, Double(parts[0]) != nil { continue }
      guard parts.count == 2, Int(parts[0]) != nil || parts[0] == "-" || parts[0].isEmpty,
        !parts[1].isEmpty, Double("0." + parts[1]) != nil
      else { return false }
      found = true
    }
    return found
  }

  private typealias Row = (line: Int, fields: [String?])

  /// - Parameter first: the line of the file at which `bytes` begin.
  private static func records(
    _ bytes: ArraySlice<UInt8>, _ separator: UInt8, _ newline: UInt8, from first: Int, name: String, isTabbed: Bool
  ) throws -> [Row] {
    let quote = UInt8(ascii: "\"")
    var rows: [Row] = []
    var fields: [String?] = []
    var field: [UInt8] = []
    var isQuoted = false
    var wasQuoted = false
    var line = first
    var start = first
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
      if byte == newline { line += 1 }
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
      } else if byte == newline {
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
