import Base
import Help
import Language
import Metrics
import Session

/// Tells what a number is.
struct ExplainCommand: Command {
  static let signature = Signature("explain", in: "shell", "Tells what a metric or a column is and how to read it")
    .effect(.session(.shows))
    .argument("name", .word("metric"), "A metric or a column; all metrics where none is named", optional: true)
    .returns(.any)
    .searchTerms("metric", "formula", "definition", "undefined", "reason", "meaning", "column", "what is")
    .details(
      """
      For a metric: formula, unit, version of its definition, every reason for which it may have no value, source, and how \
      to read it. For other columns: which commands give them, type, unit and meaning.
      """)

  static let examples = [
    Example("explain bits_per_spike", "Formula, undefined cases, source"),
    Example("explain gain", "A column"),
    Example("explain", "All metrics"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    guard let name = try call.optionalString("name") else { return .table(MetricPage.overview) }
    if let metric = AllMetrics.named(name) ?? MetricPage.metric(alias: name) {
      return .report(MetricPage.report(metric, commands: session.commands))
    }
    let columns = ColumnPage(session.commands)
    if let page = columns.report(name) { return .report(page) }
    let names = AllMetrics.types.map { $0.name } + columns.names + AllMetrics.types.flatMap { $0.aliases }
    throw Failure(
      .missing, "there is no metric or column `\(name.shortened)`",
      hint: Suggestion.hint(for: name, among: names) ?? "`explain` lists the metrics", span: call.span(of: "name"))
  }
}
