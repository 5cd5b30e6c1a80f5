import Base
import Language
import Session
import Workspace

/// Asks the catalogue in SQL.
struct SQLCommand: Command {
  static let signature = Signature(
    "sql", in: "workspace", "Asks the catalogue in SQL: every score, fit, object and entry"
  )
  .argument(
    "query", .string, "One SELECT, in quotes; without it the views and their columns are listed", optional: true
  )
  .flag("limit", .int, default: .int(100_000), "Rows to take at most")
  .returns(.table([]))
  .searchTerms("select", "query", "database", "sqlite", "catalogue", "views", "metrics", "schema")
  .details(
    """
    The views are twins, recordings, cells, metrics, fits and entries; docs/workspace.md describes them. Nothing can be \
    written: one SELECT runs on a connection that only reads. The result is an ordinary table: pipe it on, plot it, \
    keep it with let. Within double quotes $name stands for a variable's value.
    """)

  static let examples = [
    Example("sql", "The views and their columns"),
    Example(
      "eval twin on sim/gaborium; sql \"SELECT cid, value FROM metrics WHERE metric = 'r' ORDER BY value DESC\" | head 5",
      "Scores that were worked out before, best first"),
    Example(
      "sql \"SELECT status, count(*) AS n, sum(seconds) AS seconds FROM entries GROUP BY status\"",
      "What this workspace's time went into"),
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

  private static var views: Table {
    let rows = CatalogueViews.all.flatMap { view in view.columns.map { (view.name, $0.name, $0.help) } }
    return Table([
      Column("view", rows.map(\.0)), Column("column", rows.map(\.1)), Column("what", rows.map(\.2)),
    ])
  }
}
