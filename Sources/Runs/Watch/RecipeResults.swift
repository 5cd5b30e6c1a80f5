import Base
import Formats
import Foundation
import RunLogs

/// What recipes gave on the checkpoints of a run: numbers by epoch, and whole tables. Lines of JSON in one file, a line a
/// recipe's turn, so that a cut line costs one turn alone.
public struct RecipeResults: Sendable, Equatable {
  public struct Row: Sendable, Equatable, Codable {
    public var metric: String
    /// Nil where it is undefined.
    public var value: Double?

    public init(metric: String, value: Double?) { (self.metric, self.value) = (metric, value) }
  }

  public struct Turn: Sendable, Equatable, Codable {
    /// What the recipe was given as: `fast` or `slow`.
    public var recipe: String
    public var epoch: Int
    /// The step of the log at the time.
    public var step: Int
    public var rows: [Row]
    /// Tables with several rows, as JSON.
    public var tables: [String]

    public init(recipe: String, epoch: Int, step: Int, rows: [Row], tables: [String]) {
      (self.recipe, self.epoch, self.step) = (recipe, epoch, step)
      (self.rows, self.tables) = (rows, tables)
    }

    /// Its first numbers, in words.
    public var line: String {
      let numbers = rows.prefix(6).map { row in
        "\(row.metric) \(row.value.map { NumberText.significant($0, digits: 4) } ?? "undefined")"
      }
      return numbers.isEmpty ? "no number" : numbers.joined(separator: ", ") + (rows.count > 6 ? ", …" : "")
    }
  }

  public private(set) var turns: [Turn] = []

  public init() {}

  /// - Throws: what reading the file throws; a missing file means that the recipe has not run.
  public init(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let data = try RegularFile(path: path).contents()
    turns = data.split(separator: 10).compactMap { try? JSONDecoder().decode(Turn.self, from: Data($0)) }
  }

  /// Adds a line to the file and forces it to the disk.
  ///
  /// - Throws: `system` where the disk refuses.
  public static func append(_ turn: Turn, to path: String) throws {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
      let file = try FileHandle(forUpdating: URL(filePath: path))
      defer { try? file.close() }
      // A line that a full disk has cut ends here.
      let size = try file.seekToEnd()
      var line = Data()
      if size > 0 {
        try file.seek(toOffset: size - 1)
        if try file.read(upToCount: 1) != Data([10]) { line.append(10) }
      }
      try file.write(contentsOf: line + encoder.encode(turn) + Data([10]))
      try file.synchronize()
    } catch {
      throw Failure(.system, "\(path): \(error.localizedDescription)")
    }
  }

  /// A curve for each number of a recipe, named `fast/NAME`. Of several turns of an epoch the last one counts.
  public var curves: [MetricCurve] {
    var curves: [MetricCurve] = []
    var places: [String: Int] = [:]
    let last = Dictionary(turns.map { ("\($0.recipe)\n\($0.epoch)", $0) }) { $1 }
    for turn in last.values.sorted(by: { ($0.epoch, $0.recipe) < ($1.epoch, $1.recipe) }) {
      for row in turn.rows {
        let name = "\(turn.recipe)/\(row.metric)"
        let place = places[name] ?? curves.count
        if place == curves.count {
          places[name] = place
          curves.append(MetricCurve(name))
        }
        curves[place].append(step: turn.step, epoch: turn.epoch, row.value ?? .nan)
      }
    }
    return curves
  }

  /// What a recipe printed (lines of JSON, an entry each) as numbers and tables.
  ///
  /// A table with the columns `metric` and `value` gives a number a row; a table of one row, and a record, a number for each
  /// of its columns that is one. Other tables are kept as they are. What `open` shows does not count.
  ///
  /// - Throws: `format` where the lines are not results of vcsh; the failure that the recipe ended with.
  public static func read(output: String) throws -> (rows: [Row], tables: [String]) {
    var (rows, tables): ([Row], [String]) = ([], [])
    for line in output.split(separator: "\n") {
      let entry = try LooseJSON.parse(String(line), name: "the recipe's results")
      if entry["status"]?.stringValue != "ok", let message = entry["error"]?["message"]?.stringValue {
        throw Failure(.undefined, message)
      }
      // What `open` says of a file is no result.
      guard let result = entry["result"], entry["command"]?.stringValue?.hasPrefix("open ") != true else { continue }
      let records = result.listValue ?? (result.mapValue == nil ? [] : [result])
      if records.count == 1, records[0]["metric"] == nil {
        rows += (records[0].mapValue ?? []).compactMap { field in
          field.value.doubleValue.map { Row(metric: field.key, value: $0) }
        }
      } else if !records.isEmpty, records.allSatisfy({ $0["metric"]?.stringValue != nil && $0["value"] != nil }) {
        rows += records.map { Row(metric: $0["metric"]?.stringValue ?? "", value: $0["value"]?.doubleValue) }
      } else if records.count > 1, line.utf8.count <= 1 << 20 {
        tables.append(String(line))
      }
    }
    return (rows.map { Row(metric: $0.metric, value: $0.value.flatMap { $0.isFinite ? $0 : nil }) }, tables)
  }
}
