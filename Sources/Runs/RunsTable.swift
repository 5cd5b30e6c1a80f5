import Base
import Kernels
import RunLogs

/// Runs as tables.
public enum RunsTable {
  /// The columns that every table of runs has, by name. Each goes over the runs by itself: a copy of every run for every column
  /// took most of the time of a table.
  private static let columns: [(name: String, make: @Sendable (String, [RunSummary]) -> Column)] = [
    // The run's name in the set.
    ("run", { name, runs in Column(name, runs.indices.map { Optional(runs[$0].run) }) }),
    // The tool that left it.
    ("kind", { name, runs in Column(name, runs.indices.map { Optional(runs[$0].kind.rawValue) }) }),
    ("state", { name, runs in Column(name, runs.indices.map { Optional(runs[$0].state.rawValue) }) }),
    // Completed epochs; reports of a Ray trial.
    ("epochs", { name, runs in Column(name, runs.indices.map { runs[$0].epochs }) }),
    // Best value of the metric.
    ("best", { name, runs in Column(name, runs.indices.map { runs[$0].best }) }),
    // When it began, else when its log last grew (UTC).
    ("when", { name, runs in Column(name, runs.indices.map { (runs[$0].started ?? runs[$0].ended).map(time) }) }),
    // How long it took, where the log tells.
    ("hours", { name, runs in Column(name, runs.indices.map { runs[$0].hours }, unit: "h") }),
    // The metric of `best`.
    ("metric", { name, runs in Column(name, runs.indices.map { runs[$0].metric?.name }) }),
    // What is damaged, cut or odd; why a run can't be read.
    ("note", { name, runs in Column(name, runs.indices.map { note(runs[$0].remarks) }) }),
  ]

  private static func note(_ remarks: [String]) -> String? {
    remarks.count > 1 ? remarks.joined(separator: "; ") : remarks.first
  }

  /// A row a run; then a column for each setting that varies.
  ///
  /// - Throws: `interrupted`.
  public static func table(_ runs: [RunSummary], cancellation: Cancellation? = nil) throws -> Table {
    let work = cancellation.map { Work(cancellation: $0) } ?? .silent
    let made = try Parallel.map(columns.count + 1, work: work) { place in
      place == 0
        ? varying(runs, taken: Set(columns.map(\.name))) : [columns[place - 1].make(columns[place - 1].name, runs)]
    }
    return Table((made.dropFirst() + made.prefix(1)).flatMap { $0 })
  }

  /// The run, then only what varies.
  public static func settings(_ runs: [RunSummary]) -> Table {
    Table([Column("run", runs.map { Optional($0.run) })] + varying(runs, taken: ["run"]))
  }

  /// A column for each setting with two values or more. Numbers are compared as numbers: 1e-3 is 0.001.
  private static func varying(_ runs: [RunSummary], taken: Set<String>) -> [Column] {
    var names: [String] = []
    var places: [String: Int] = [:]
    var values: [[Value]] = []
    for (row, run) in runs.enumerated() {
      var next = 0
      for parameter in run.parameters {
        // Runs of one kind have the same settings in the same order.
        let place: Int
        if next < names.count, names[next] == parameter.name {
          place = next
        } else if let known = places[parameter.name] {
          place = known
        } else {
          place = names.count
          places[parameter.name] = place
          names.append(parameter.name)
          values.append(Array(repeating: .null, count: runs.count))
        }
        values[place][row] = parameter.value
        next = place + 1
      }
    }
    return zip(names, values).compactMap { name, column in
      guard isVarying(column) else { return nil }
      let title = taken.contains(name) ? "param_" + name : name
      return numbers(column).map { Column(title, $0) } ?? Column(title, collecting: column)
    }
  }

  /// The values of a column whose every value is a number with a point, or missing; nil for others.
  private static func numbers(_ values: [Value]) -> [Double?]? {
    var numbers: [Double?] = []
    numbers.reserveCapacity(values.count)
    var hasNumber = false
    for value in values {
      switch value {
      case .null: numbers.append(nil)
      case .double(let number):
        numbers.append(number)
        hasNumber = true
      default: return nil
      }
    }
    return hasNumber ? numbers : nil
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
    var text = Array(String(year).utf8)
    for (sign, number) in [
      ("-", month), ("-", date), (" ", second / 3600), (":", second / 60 % 60), (":", second % 60),
    ] as [(Unicode.Scalar, Int)] {
      text += [UInt8(ascii: sign), 48 + UInt8(number / 10 % 10), 48 + UInt8(number % 10)]
    }
    return String(decoding: text, as: UTF8.self)
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
