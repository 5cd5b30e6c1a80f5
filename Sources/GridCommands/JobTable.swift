import Base
import Grids
import Language
import Session

/// The jobs of a submission: a name and the values of each.
struct JobTable {
  struct Job {
    var name: String
    /// By placeholder.
    var values: [String: String]
    var digest: String?
    /// Of a grid's run: its level on each axis.
    var levels: [String: String]?
  }

  var jobs: [Job]
  /// The values that are axes of the user's own: what a recipe is given.
  var columns: [String]

  /// The runs of a grid.
  ///
  /// - Parameter folder: where their YAML files are written.
  init(_ grid: Grid, folder: String, cancellation: Cancellation) throws {
    let base = try grid.base.configuration
    let table = grid.table
    let hasData = base.data.mapValue?.isEmpty == false
    columns = []
    jobs = try grid.runs.enumerated().map { row, run in
      try cancellation.check()
      let configuration = try grid.configuration(of: run, base: base)
      let files = GridFolder.files(of: run.name, in: folder)
      var values = ["run": run.name, "model_config": files.model, "settings": files.settings]
      if hasData { values["dataset_configs_path"] = files.data }
      for entry in configuration.training.mapValue ?? [] {
        values[entry.key] = try entry.value.stringValue ?? YAMLText.flow(entry.value)
      }
      for column in table.columns where column.name != "run" { values[column.name] = column[row].plainText }
      return Job(
        name: run.name, values: values, digest: try configuration.digest, levels: try grid.levels(of: run))
    }
    columns = jobs.first.map { $0.values.keys.sorted() } ?? []
  }

  /// Every combination of `--over NAME=V1,V2 …`.
  ///
  /// - Throws: a usage failure for a text of another form, a name given twice, or too many jobs.
  init(over texts: [String]) throws {
    var lists: [(name: String, values: [String])] = []
    for text in texts {
      let (name, values) = try GridAxis.parts(text)
      guard name.first.map({ $0.isLetter || $0 == "_" }) == true,
        name.allSatisfy({ $0.isLetter || $0.isNumber || "_-".contains($0) })
      else {
        throw Failure(.usage, "`\(name.shortened)` can't be the name of a value", hint: "write --over twin=a,b")
      }
      guard !lists.contains(where: { $0.name == name }), !["run", "job", "workspace"].contains(name) else {
        throw Failure(.usage, "`\(name)` is given twice, or is a name that vcsh sets itself")
      }
      lists.append((name, values.map(\.unquoted)))
    }
    var rows: [[String]] = [[]]
    for list in lists {
      rows = rows.flatMap { row in list.values.map { row + [$0] } }
      guard rows.count <= Grid.largest else {
        throw Failure(.unsupported, "that are more than \(Grid.largest) jobs", hint: "submit them in several batches")
      }
    }
    let names = lists.map { $0.name.replacing("-", with: "_") }
    columns = names
    let digits = max(2, String(rows.count).count)
    jobs = rows.enumerated().map { index, row in
      let number = String(index + 1)
      let words = zip(names, row).map { "\($0)-\(Self.word($1))" }
      let name = String(
        (["j" + String(repeating: "0", count: max(0, digits - number.count)) + number] + words).joined(separator: "_")
          .prefix(120))
      return Job(
        name: name,
        values: Dictionary(zip(names, row), uniquingKeysWith: { first, _ in first }).merging(["run": name]) { $1 })
    }
  }

  private static func word(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" }.suffix(32))
  }
}
