import Base
import Foundation
import RunLogs

/// Runs as tables.
public enum RunsTable {
  /// The columns that every table of runs has.
  public static let shape = TableShape<RunSummary>([
    .string("run", "The run's name in the set") { $0.run },
    .string("kind", "The tool that left it: \(RunKind.allCases.map(\.rawValue).joined(separator: ", "))") {
      $0.kind.rawValue
    },
    .string("state", RunState.allCases.map(\.rawValue).joined(separator: ", ")) { $0.state.rawValue },
    .int("epochs", "Completed epochs; reports of a Ray trial") { $0.epochs },
    .float("best", "Best value of the metric") { $0.best },
    .string("when", "When it began, else when its log last grew (UTC)") { ($0.started ?? $0.ended).map(time) },
    .float("hours", unit: "h", "How long it took, where the log tells") { $0.hours },
    .string("metric", "The metric of `best`") { $0.metric?.name },
    .string("note", "What is damaged, cut or odd; why a run can't be read") {
      $0.remarks.isEmpty ? nil : $0.remarks.joined(separator: "; ")
    },
  ])

  /// A row a run; then a column for each setting that varies.
  public static func table(_ runs: [RunSummary]) -> Table {
    let fixed = shape.table(runs)
    return Table(fixed.columns + varying(runs, taken: Set(fixed.names)))
  }

  /// The run, then only what varies.
  public static func settings(_ runs: [RunSummary]) -> Table {
    Table([Column("run", runs.map { Optional($0.run) })] + varying(runs, taken: ["run"]))
  }

  /// A column for each setting with two values or more. Numbers are compared as numbers: 1e-3 is 0.001.
  private static func varying(_ runs: [RunSummary], taken: Set<String>) -> [Column] {
    var names: [String] = []
    var values: [String: [Value]] = [:]
    for (row, run) in runs.enumerated() {
      for parameter in run.parameters {
        if values[parameter.name] == nil {
          names.append(parameter.name)
          values[parameter.name] = Array(repeating: .null, count: runs.count)
        }
        values[parameter.name]?[row] = parameter.value
      }
    }
    return names.compactMap { name in
      guard let column = values[name], isVarying(column) else { return nil }
      return Column(taken.contains(name) ? "param_" + name : name, collecting: column)
    }
  }

  private static func isVarying(_ values: [Value]) -> Bool {
    guard let first = values.first(where: { $0 != .null }) else { return false }
    return values.contains { value in
      if value == .null { return false }
      if let a = value.number, let b = first.number { return a != b }
      return value != first
    }
  }

  static func time(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e11 else { return "" }
    let whole = Int(seconds.rounded(.down))
    let second = (whole % 86_400 + 86_400) % 86_400
    let (year, month, date) = civil((whole - second) / 86_400)
    func two(_ number: Int) -> String { String(number + 100).suffix(2).description }
    return "\(year)-\(two(month))-\(two(date)) \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
  }

  /// The date of a day, counted from 1970-01-01, in the Gregorian calendar: eras of 400 years that begin in March.
  private static func civil(_ day: Int) -> (year: Int, month: Int, date: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let month = (5 * ofYear + 2) / 153
    let date = ofYear - (153 * month + 2) / 5 + 1
    return (year + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, date)
  }
}
