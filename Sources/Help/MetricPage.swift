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

  package static var overview: Table {
    Table([
      Column("metric", AllMetrics.types.map { $0.name }), Column("unit", AllMetrics.types.map { $0.unit }),
      Column("version", AllMetrics.types.map { Optional($0.version) }),
      Column("summary", AllMetrics.types.map { $0.summary }),
    ])
  }

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
      .init("how to read it", .lines(CommandHelp.wrap(metric.interpretation, width: 96))),
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
