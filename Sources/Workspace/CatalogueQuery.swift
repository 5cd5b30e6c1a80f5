import Base
import Dispatch
import Foundation
import GRDB
import GRDBSQLite

extension Workspace {
  /// The rows of one SELECT over the catalogue's views, as a table.
  ///
  /// The query runs on a connection that can't write, and may read `CatalogueViews` alone. Columns take the narrowest
  /// type that holds their values; names become words of the language; blobs are given as hexadecimal text.
  /// - Parameter limit: rows after which the rest is left out, which the table's note then says.
  /// - Throws: a usage failure whose span, with the source `<sql>`, is the place in `sql`; `Failure.interrupted` soon
  ///   after `cancellation` is cancelled.
  public func query(_ sql: String, limit: Int, cancellation: Cancellation) throws -> Base.Table {
    try CatalogueQuery(sql).run(at: root + "/" + Self.catalogueName, limit: limit, cancellation: cancellation)
  }
}

/// One SQL query of the user, its limits and its failures.
struct CatalogueQuery {
  private let sql: String

  init(_ sql: String) { self.sql = sql }

  func run(at path: String, limit: Int, cancellation: Cancellation) throws -> Base.Table {
    try checkVerb()
    var configuration = Configuration()
    configuration.readonly = true
    configuration.label = "sql"
    configuration.busyMode = .timeout(10)
    let queue: DatabaseQueue
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
    } catch {
      throw Failure(.system, "can't open the catalogue \(path) to read it", hint: "check its permissions")
    }
    // The handler of Ctrl-C may only set a flag: look at it while the query runs.
    let watch = DispatchSource.makeTimerSource(queue: .global())
    watch.setEventHandler { if cancellation.isCancelled { queue.interrupt() } }
    watch.schedule(deadline: .now() + .milliseconds(20), repeating: .milliseconds(20))
    watch.resume()
    defer { watch.cancel() }

    // No transaction: the authorizer would refuse its end, and one statement sees one state anyway.
    return try queue.unsafeRead { db in
      do {
        Self.allowViewsAlone(db)
        let statement = try db.makeStatement(sql: sql)
        guard sqlite3_bind_parameter_count(statement.sqliteStatement) == 0 else {
          throw Failure(
            .usage, "the query has a placeholder (`?` or `:name`)",
            hint: "write the value itself, or $NAME within double quotes")
        }
        return try Self.table(statement, limit: limit)
      } catch let error as DatabaseError {
        throw failure(error, offset: sqlite3_error_offset(db.sqliteConnection), cancellation, at: path)
      }
    }
  }

  // MARK: What may be read

  private static let verbs: Set<String> = ["select", "with", "values", "explain"]

  /// Refuses a statement that does not only read, by its first word, before SQLite sees it.
  private func checkVerb() throws {
    var rest = sql[...]
    while true {
      rest = rest.drop { $0.isWhitespace || $0 == "(" }
      if rest.hasPrefix("--") {
        rest = rest.drop { !$0.isNewline }
      } else if rest.hasPrefix("/*"), let end = rest.range(of: "*/") {
        rest = rest[end.upperBound...]
      } else {
        break
      }
    }
    let verb = rest.prefix { $0.isLetter }
    if verb.isEmpty { throw Failure(.usage, "the query is empty", hint: "write `sql \"SELECT … FROM metrics\"`") }
    guard Self.verbs.contains(verb.lowercased()) else {
      throw Failure(
        .usage, "sql can only read: a query begins with SELECT or WITH, not with \(verb)",
        hint: Suggestion.hint(for: verb.lowercased(), among: ["select", "with", "values", "explain"]),
        span: span(at: sql.distance(from: sql.startIndex, to: rest.startIndex), length: verb.count))
    }
  }

  private static let readable = Set(CatalogueViews.all.map(\.name) + ["json_each", "json_tree"])

  /// Lets SQLite read tables only through our views, and refuses everything else: writing, attaching, settings,
  /// extensions.
  private static func allowViewsAlone(_ db: Database) {
    sqlite3_set_authorizer(
      db.sqliteConnection,
      { _, action, table, column, _, view in
        switch action {
        case SQLITE_SELECT, SQLITE_RECURSIVE: return SQLITE_OK
        case SQLITE_FUNCTION:
          return column.map { String(cString: $0).lowercased() } == "load_extension" ? SQLITE_DENY : SQLITE_OK
        case SQLITE_READ:
          if let view, CatalogueQuery.readable.contains(String(cString: view)) { return SQLITE_OK }
          let table = table.map { String(cString: $0) } ?? ""
          // A count(*) over a view reads no column of the tables behind it, and does not say through which view.
          let isUnread = column.map { String(cString: $0).isEmpty } ?? true
          return isUnread || CatalogueQuery.readable.contains(table) ? SQLITE_OK : SQLITE_DENY
        default: return SQLITE_DENY
        }
      }, nil)
  }

  // MARK: Rows

  private static func table(_ statement: Statement, limit: Int) throws -> Base.Table {
    let names = unique(statement.columnNames.map(name))
    var columns = [[Value]](repeating: [], count: names.count)
    let cursor = try Row.fetchCursor(statement)
    var count = 0
    while let row = try cursor.next() {
      count += 1
      if count > limit { break }
      for (index, value) in row.databaseValues.enumerated() { columns[index].append(Self.value(value)) }
    }
    let note = count > limit ? "the first \(limit.counted("row")); there are more (--limit)" : nil
    return Base.Table(zip(names, columns).map { Base.Column($0, collecting: $1) }, note: note)
  }

  private static func value(_ value: DatabaseValue) -> Value {
    switch value.storage {
    case .null: .null
    case .int64(let number): Int(exactly: number).map(Value.int) ?? .double(Double(number))
    case .double(let number): .double(number)
    case .string(let text): .string(text)
    case .blob(let data): .string(data.map { String(format: "%02x", $0) }.joined())
    }
  }

  /// A column's name as a word that an expression can use: `avg_value` for `avg(value)`.
  private static func name(_ text: String) -> String {
    let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    let name = words.joined(separator: "_")
    return name.first.map { $0.isLetter || $0 == "_" } == true ? name : "column" + (name.isEmpty ? "" : "_\(name)")
  }

  /// Repeated names get numbers: `cid`, `cid_2`.
  private static func unique(_ names: [String]) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      var candidate = name
      var number = 2
      while !taken.insert(candidate).inserted {
        candidate = "\(name)_\(number)"
        number += 1
      }
      return candidate
    }
  }

  // MARK: Failures

  private func failure(
    _ error: DatabaseError, offset: Int32, _ cancellation: Cancellation, at path: String
  ) -> Failure {
    let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_INTERRUPT where cancellation.isCancelled: return .interrupted
    case .SQLITE_MISUSE:
      return Failure(.usage, "sql takes one statement at a time", hint: "write a `sql` command for each")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      let holder = LockHolder.process(of: path).map(LockHolder.words)
      return Failure(
        .conflict, "the workspace is locked by \(holder ?? "another process")", hint: "try again when it is done")
    case .SQLITE_AUTH: return refused(message)
    default: break
    }
    let views = CatalogueViews.all
    if let name = named(in: message, after: "no such table: ") {
      return Failure(
        .usage, "there is no view `\(name)`",
        hint: Suggestion.hint(for: name, among: views.map(\.name)) ?? Self.viewsHint, span: place(of: name, offset))
    }
    if let name = named(in: message, after: "no such column: ") {
      let words = Set(sql.lowercased().split { !($0.isLetter || $0 == "_") }.map(String.init))
      let used = views.filter { words.contains($0.name) }
      let columns = (used.isEmpty ? views : used).flatMap { $0.columns.map(\.name) }
      let bare = name.split(separator: ".").last.map(String.init) ?? name
      return Failure(
        .usage, "there is no column `\(name)`",
        hint: Suggestion.hint(for: bare, among: columns) ?? "`sql` alone lists the views and their columns",
        span: place(of: name, offset))
    }
    return Failure(
      .usage, "SQL: \(message)", hint: "`sql` alone lists the views and their columns",
      span: offset >= 0 ? span(at: characters(upTo: Int(offset)), length: 1) : nil)
  }

  private static let viewsHint = "the views are \(CatalogueViews.all.map(\.name).joined(separator: ", "))"

  /// The failure for SQLite's `access to entry.id is prohibited`: a table that is not one of our views.
  private func refused(_ message: String) -> Failure {
    guard let place = named(in: message, after: "access to ") else {
      return Failure(.usage, "sql can only read the catalogue's views", hint: Self.viewsHint)
    }
    let table = place.split(separator: ".").first.map(String.init) ?? place
    return Failure(
      .usage, "`\(table)` is not one of the views",
      hint: Suggestion.hint(for: table, among: CatalogueViews.all.map(\.name)) ?? Self.viewsHint,
      span: self.place(of: table, -1))
  }

  /// The word after `prefix`.
  private func named(in message: String, after prefix: String) -> String? {
    guard message.hasPrefix(prefix) else { return nil }
    return message.dropFirst(prefix.count).split(separator: " ").first.map(String.init)
  }

  /// The place that SQLite gives, else the first place of the word.
  private func place(of name: String, _ offset: Int32) -> SourceSpan? {
    if offset >= 0 { return span(at: characters(upTo: Int(offset)), length: name.count) }
    guard let range = sql.range(of: name, options: .caseInsensitive) else { return nil }
    return span(at: sql.distance(from: sql.startIndex, to: range.lowerBound), length: name.count)
  }

  private func characters(upTo bytes: Int) -> Int { String(decoding: sql.utf8.prefix(bytes), as: UTF8.self).count }

  private func span(at index: Int, length: Int) -> SourceSpan {
    let before = sql.prefix(index)
    let line = before.reduce(1) { $0 + ($1.isNewline ? 1 : 0) }
    let column = before.reversed().prefix { !$0.isNewline }.count + 1
    return SourceSpan(source: "<sql>", line: line, column: column, length: length)
  }
}
