import Base
import Help
import Language
import Metrics
import Session

/// Explains what a number means.
struct ExplainCommand: Command {
  static let signature = Signature(
    "explain", in: "shell", "Explains a metric or a column: what it is and how to read it"
  )
  .effect(.session(.shows))
  .argument("name", .word("metric"), "A metric or a column; without it, explain lists all metrics", optional: true)
  .returns(.any)
  .returns(MetricPage.columns.signatures, when: .missing("name"))
  .searchTerms("metric", "formula", "definition", "undefined", "reason", "meaning", "column", "what is")
  .details(
    """
    For a metric, explain shows the formula, unit, version of the definition, every reason why it may be undefined, source, \
    and how to read it. For other columns it shows the commands that return them, type, unit and meaning.
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
