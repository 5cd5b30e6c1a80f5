import Base
import Formats
import Foundation

/// Reads the tables of a SQLite database from its bytes: no statement runs, no lock is taken, no byte is written.
///
/// Rows that are committed in a write-ahead log beside the file are seen.
struct SQLiteFile {
  enum Cell: Equatable {
    case null
    case int(Int)
    case double(Double)
    case text(String)

    var int: Int? { if case .int(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }
    var double: Double? {
      switch self {
      case .int(let value): Double(value)
      case .double(let value): value
      default: nil
      }
    }
  }

  static let magic = Array("SQLite format 3\0".utf8)
  private static let sizeLimit = 1 << 30
  private static let attempts = 5

  private let bytes: [UInt8]
  private let path: String
  private let pageSize: Int
  private let usable: Int
  /// First page and column names of each table.
  private var tables: [String: (page: Int, columns: [String])] = [:]

  /// - Throws: `format` for bytes that are not a database.
  init(path: String) throws {
    self.path = path
    (bytes, pageSize) = try Self.content(path)
    usable = pageSize - Int(bytes[20])
    guard pageSize >= 512, pageSize & (pageSize - 1) == 0, usable >= 480, bytes[56...59].elementsEqual([0, 0, 0, 1])
    else {
      throw Failure(.format, "\(path): the database's header is damaged, or its text is not UTF-8")
    }
    var found: [String: (page: Int, columns: [String])] = [:]
    try forEachRow(from: 1) { _, cells in
      guard cells.count >= 5, cells[0].text == "table", let name = cells[1].text, let page = cells[3].int,
        let text = cells[4].text
      else { return }
      found[name] = (page, Self.columns(text))
    }
    tables = found
  }

  /// The database as it is after its last commit, and the size of its pages.
  private static func content(_ path: String) throws -> (bytes: [UInt8], pageSize: Int) {
    let logPath = path + "-wal"
    for attempt in 1... {
      // The log first: what it loses while the database is read, the database has.
      let file = FileManager.default.fileExists(atPath: logPath) ? try? RegularFile(path: logPath) : nil
      let log = try file.map { file in
        guard file.size <= sizeLimit else {
          throw Failure(.unsupported, "\(logPath): \(file.size) bytes; vcsh reads up to \(sizeLimit)")
        }
        return (try? file.read(0..<file.size)).map { Array($0) }
      }
      if log == .some(nil), attempt < attempts { continue }
      let bytes = try LogBytes.read(path, limit: sizeLimit)
      guard bytes.starts(with: magic), bytes.count >= 100 else {
        throw Failure(.format, "\(path): it is not an SQLite database")
      }
      let size = Int(bytes[16]) << 8 | Int(bytes[17])
      let pageSize = size == 1 ? 65_536 : size
      guard pageSize >= 512, let frames = WriteAheadLog((log ?? []) ?? [], pageSize: pageSize) else {
        return (bytes, pageSize)
      }
      // A log that was written to in the meantime does not belong to this state of the database.
      guard (try? file?.read(0..<32)) != nil else {
        if attempt < attempts { continue }
        throw Failure(.mismatch, "\(logPath): another program writes to it faster than it is read", hint: "try again")
      }
      guard let whole = frames.applied(to: bytes, pageSize: pageSize) else {
        throw Failure(.format, "\(logPath): it claims \(frames.pageCount) pages, more than the database can have")
      }
      return (whole, pageSize)
    }
    return ([], 0)
  }

  var tableNames: Set<String> { Set(tables.keys) }

  /// Hands over each row of a table as a look-up by column name.
  ///
  /// - Throws: `format` where the table is missing or damaged.
  func forEachRow(of table: String, _ use: ((String) -> Cell) throws -> Void) throws {
    guard let (page, columns) = tables[table] else { throw Failure(.format, "\(path): it has no table `\(table)`") }
    let places = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    try forEachRow(from: page) { id, cells in
      try use { name in
        guard let place = places[name], place < cells.count else { return .null }
        // An integer key is kept as the row's number.
        return cells[place] == .null && name.hasSuffix("_id") ? .int(id) : cells[place]
      }
    }
  }

  /// The names of columns in a `CREATE TABLE` statement: the first word of each item that is not a constraint.
  private static func columns(_ statement: String) -> [String] {
    guard let open = statement.firstIndex(of: "(") else { return [] }
    var items: [String] = [""]
    var depth = 0
    for character in statement[statement.index(after: open)...] {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth < 0 { break }
      if character == ",", depth == 0 { items.append("") } else { items[items.count - 1].append(character) }
    }
    let constraints: Set = ["CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK", "UNIQUE"]
    return items.compactMap { item in
      let word = item.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
      return constraints.contains(word.uppercased())
        ? nil : word.trimmingCharacters(in: CharacterSet(charactersIn: "\"`[]'"))
    }
  }

  // MARK: Pages

  private func damaged(_ page: Int) -> Failure { Failure(.format, "\(path): page \(page) of the database is damaged") }

  private func number(_ offset: Int, _ width: Int, _ page: Int) throws -> Int {
    guard offset >= 0, offset + width <= bytes.count else { throw damaged(page) }
    return bytes[offset..<offset + width].reduce(0) { $0 << 8 | Int($1) }
  }

  /// The rows below a page, in order. Each page is visited once at most.
  private func forEachRow(from root: Int, _ use: (Int, [Cell]) throws -> Void) throws {
    var open = [root]
    var visited: Set<Int> = []
    while let page = open.popLast() {
      guard page >= 1, page <= bytes.count / pageSize, visited.insert(page).inserted else { throw damaged(page) }
      let start = (page - 1) * pageSize
      let header = page == 1 ? start + 100 : start
      let kind = bytes[header]
      let count = try number(header + 3, 2, page)
      guard kind == 5 || kind == 13, count * 2 + 12 <= pageSize else { throw damaged(page) }
      if kind == 5 {
        var children: [Int] = []
        for cell in 0..<count {
          children.append(try number(start + number(header + 12 + 2 * cell, 2, page), 4, page))
        }
        open += ([try number(header + 8, 4, page)] + children.reversed())
      } else {
        for cell in 0..<count {
          let offset = try number(header + 8 + 2 * cell, 2, page)
          try row(start + offset, page, use)
        }
      }
    }
  }

  private func varint(_ bytes: ArraySlice<UInt8>, _ position: inout Int) -> Int? {
    var value: UInt64 = 0
    for index in 0..<9 {
      guard position < bytes.endIndex else { return nil }
      let byte = bytes[position]
      position += 1
      if index == 8 { return Int(Int64(bitPattern: value << 8 | UInt64(byte))) }
      value = value << 7 | UInt64(byte & 0x7f)
      if byte < 0x80 { break }
    }
    return Int(Int64(bitPattern: value))
  }

  private func row(_ offset: Int, _ page: Int, _ use: (Int, [Cell]) throws -> Void) throws {
    let pageEnd = page * pageSize
    var position = offset
    guard offset >= 0, offset < pageEnd, let size = varint(bytes[..<pageEnd], &position), size >= 0,
      size <= bytes.count,
      let id = varint(bytes[..<pageEnd], &position)
    else { throw damaged(page) }
    var local = size
    if size > usable - 35 {
      let least = (usable - 12) * 32 / 255 - 23
      let fitting = least + (size - least) % (usable - 4)
      local = fitting <= usable - 35 ? fitting : least
    }
    guard position + local <= pageEnd else { throw damaged(page) }
    var payload = bytes[position..<position + local]
    if local < size {
      var whole = Array(payload)
      whole.reserveCapacity(size)
      var next = try number(position + local, 4, page)
      while whole.count < size {
        guard next >= 1, next <= bytes.count / pageSize else { throw damaged(page) }
        let start = (next - 1) * pageSize
        let part = min(usable - 4, size - whole.count)
        whole += bytes[start + 4..<start + 4 + part]
        next = try number(start, 4, next)
      }
      payload = whole[...]
    }
    guard let cells = cells(payload) else { throw damaged(page) }
    try use(id, cells)
  }

  private func cells(_ payload: ArraySlice<UInt8>) -> [Cell]? {
    var position = payload.startIndex
    guard let headerSize = varint(payload, &position), headerSize >= 0, headerSize <= payload.count else { return nil }
    let headerEnd = payload.startIndex + headerSize
    var body = headerEnd
    var cells: [Cell] = []
    while position < headerEnd {
      guard let type = varint(payload, &position), type >= 0 else { return nil }
      let size: Int
      switch type {
      case 0...4: size = type
      case 5: size = 6
      case 6, 7: size = 8
      case 8, 9: size = 0
      default: size = (type - 12) / 2
      }
      guard size >= 0, size <= payload.endIndex - body else { return nil }
      let content = payload[body..<body + size]
      body += size
      let bits = content.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      switch type {
      case 0: cells.append(.null)
      case 1...6:
        let shift = UInt64(64 - 8 * size)
        cells.append(.int(Int(Int64(bitPattern: bits << shift) >> Int64(shift))))
      case 7: cells.append(.double(Double(bitPattern: bits)))
      case 8, 9: cells.append(.int(type - 8))
      case let type where type >= 13 && type % 2 == 1: cells.append(.text(String(decoding: content, as: UTF8.self)))
      default: cells.append(.null)
      }
    }
    return cells
  }
}
