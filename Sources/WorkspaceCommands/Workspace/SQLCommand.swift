import Base
import Language
import Session
import Workspace

/// Queries the catalogue in SQL.
struct SQLCommand: Command {
  static let signature = Signature(
    "sql", in: "workspace", "Queries the catalogue in SQL: scores, fits, objects and entries"
  )
  .argument(
    "query", .string, "One SELECT, in quotes; without it, sql lists the views and their columns", optional: true
  )
  .flag("limit", .int, default: .int(100_000), "Return at most this many rows")
  .returns(.table([]))
  .returns(viewColumns.signatures, when: .missing("query"))
  .searchTerms("select", "query", "database", "sqlite", "catalogue", "views", "metrics", "schema")
  .details(
    """
    The views are twins, recordings, cells, metrics, fits and entries; docs/workspace.md describes them. A query can't change \
    anything: it is one SELECT on a read-only connection. The result is an ordinary table that you can pipe, plot or keep \
    with let. Inside double quotes, $name is replaced by the variable's value.
    """)

  static let examples = [
    Example("sql", "The views and their columns"),
    Example(
      "eval twin on sim/gaborium; sql \"SELECT cid, value FROM metrics WHERE metric = 'r' ORDER BY value DESC\" | head 5",
      "Stored scores, the best first"),
    Example(
      "sql \"SELECT status, count(*) AS n, sum(seconds) AS seconds FROM entries GROUP BY status\"",
      "How much time the entries of this workspace took"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    guard let query = try call.optionalString("query") else { return .table(Self.views) }
    let limit = try call.int("limit")
    guard limit > 0 else {
      throw Failure(.usage, "--limit must be a positive number of rows", span: call.span(of: "limit"))
    }
    do {
      return .table(try session.workspace.query(query, limit: limit, cancellation: session.work.cancellation))
    } catch var failure as Failure {
      failure.span = Self.place(failure.span, in: query, at: call.span(of: "query"))
      throw failure
    }
  }

  /// A place in the query as a place in the command text: exact where the query stands there as it is, on one line.
  private static func place(_ span: SourceSpan?, in query: String, at argument: SourceSpan) -> SourceSpan {
    guard let span, span.line == 1, argument.length == query.count + 2, !query.contains(where: \.isNewline) else {
      return argument
    }
    return SourceSpan(
      source: argument.source, line: argument.line, column: argument.column + span.column, length: span.length)
  }

  /// A column of a view.
  typealias ViewColumn = (view: String, name: String, help: String)

  static let viewColumns = TableShape<ViewColumn>([
    .string("view", "Name of the view") { $0.view },
    .string("column", "Name of its column") { $0.name },
    .string("what", "What the column holds") { $0.help },
  ])

  private static var views: Table {
    viewColumns.table(
      CatalogueViews.all.flatMap { view in
        view.columns.map { ViewColumn(view: view.name, name: $0.name, help: $0.help) }
      })
  }
}
