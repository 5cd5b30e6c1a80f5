import Base
import Language
import Metrics
import Session

/// What `explain COLUMN` shows, from the signatures of the commands that give it.
package struct ColumnPage {
  package let commands: CommandTable

  package init(_ commands: CommandTable) { self.commands = commands }

  package struct Place {
    package let command: String
    package let column: ColumnSignature
  }

  /// The commands whose tables have the column.
  package func places(_ name: String) -> [Place] {
    commands.signatures.all.compactMap { signature in
      let column = signature.tables.lazy.compactMap { $0.columns.first { $0.name == name } }.first
      return column.map { Place(command: signature.name, column: $0) }
    }
  }

  /// Every column that a signature declares.
  package var names: [String] {
    var seen: Set<String> = []
    return commands.signatures.all.flatMap { $0.tables.flatMap { $0.columns.map(\.name) } }.filter {
      seen.insert($0).inserted
    }
  }

  /// Type, unit and meaning.
  package func text(of column: ColumnSignature) -> String {
    [column.type, column.unit, meaning(of: column)].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// What the signature says; else what the metric of that name does, or what other signatures say of the same column,
  /// where all of them say one thing.
  package func meaning(of column: ColumnSignature) -> String {
    if !column.help.isEmpty { return column.help }
    if let metric = AllMetrics.named(column.name) { return metric.summary }
    let same = places(column.name).map(\.column).filter {
      $0.type == column.type && $0.unit == column.unit && !$0.help.isEmpty
    }
    let meanings = Set(same.map(\.help))
    return meanings.count == 1 ? meanings.first ?? "" : ""
  }

  package func report(_ name: String) -> Report? {
    let places = places(name)
    guard !places.isEmpty else { return nil }
    let given = Record(places.map { ($0.command, .string(text(of: $0.column))) })
    var sections = [Report.Section("given by", .fields(given))]
    if let metric = metric(of: name) {
      sections.append(
        .init("metric", .lines(["\(metric.name): \(metric.summary)", "`explain \(metric.name)` describes it"])))
    }
    return Report("\(name): a column", sections)
  }

  /// The metric that a column's name begins with: `bits_per_spike` of `bits_per_spike_train`.
  private func metric(of column: String) -> (any Metric.Type)? {
    AllMetrics.types.filter { column.hasPrefix($0.name + "_") }.max { $0.name.count < $1.name.count }
  }
}
