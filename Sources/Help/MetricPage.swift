import Base
import Metrics
import Session

/// What `explain METRIC` shows, from the metric itself.
package enum MetricPage {
  /// By another word for it, whatever its case.
  package static func metric(alias: String) -> (any Metric.Type)? {
    let word = alias.lowercased()
    return AllMetrics.types.first { $0.aliases.contains(word) || $0.name == word }
  }

  package static let columns = TableShape<any Metric.Type>([
    .string("metric", "Its name, in tables and flags") { $0.name },
    .string("unit", "Null where it has none") { $0.unit },
    .int("version", "Version of its definition") { $0.version },
    .string("summary", "What it measures") { $0.summary },
  ])

  package static var overview: Table { columns.table(AllMetrics.types) }

  package static func report(_ metric: any Metric.Type, commands: CommandTable) -> Report {
    var facts: [(String, Value)] = [("name", .string(metric.name))]
    if !metric.aliases.isEmpty { facts.append(("also called", .string(metric.aliases.joined(separator: ", ")))) }
    facts.append(("unit", .string(metric.unit ?? "none")))
    facts.append(("version", .int(metric.version)))
    facts.append(("source", .string(metric.source)))
    var sections: [Report.Section] = [
      .init("metric", .fields(Record(facts))),
      .init(
        "formula",
        .lines([metric.formula, "r: predicted, y: observed counts per bin; d: mask, 1 where a bin counts"])),
      .init("how to read it", .lines(CommandHelp.wrap(metric.interpretation, width: CommandHelp.width))),
    ]
    sections.append(
      .init(
        "undefined",
        metric.undefinedCases.isEmpty
          ? .lines(["never"])
          : .fields(Record(metric.undefinedCases.map { ($0.rawValue, .string($0.explanation)) }))))
    let places = ColumnPage(commands).places(metric.name)
    if !places.isEmpty { sections.append(.init("given by", .lines([places.map(\.command).joined(separator: " ")]))) }
    return Report("\(metric.name): \(metric.summary)", sections)
  }
}
