import GRDB
import Synchronization

extension Workspace {
  /// The queries that `body` makes. Each has SQLite's plan, with a line for each table that is read.
  package func queries(of body: () throws -> Void) throws -> [(sql: String, plan: [String])] {
    let seen = SeenStatements()
    try database.read { db in
      db.trace(options: .statement) { seen.add($0.description) }
    }
    defer { try? database.read { $0.trace(options: .statement, nil) } }
    try body()
    try database.read { $0.trace(options: .statement, nil) }
    return try seen.all.filter { $0.hasPrefix("SELECT") }.map { sql in
      let plan = try database.read { db in
        try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql.replacing("?", with: "NULL")).map { row -> String in
          try row.value("detail")
        }
      }
      return (sql, plan)
    }
  }
}

private final class SeenStatements: Sendable {
  private let texts = Mutex<[String]>([])

  func add(_ text: String) { texts.withLock { $0.append(text) } }
  var all: [String] { texts.withLock { $0 } }
}
