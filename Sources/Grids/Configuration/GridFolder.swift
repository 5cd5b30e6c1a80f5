import Base
import Formats
import Foundation

/// Writes a grid as a folder: a folder of YAML files for each run, and `runs.csv`.
public enum GridFolder {
  /// The files of one run.
  public struct Files: Sendable {
    public var run: String
    public var model: String
    public var data: String
    public var settings: String
  }

  /// Paths of a run's files below `folder`.
  package static func files(of run: String, in folder: String) -> Files {
    let home = "\(folder)/\(run)"
    return Files(run: run, model: "\(home)/model.yaml", data: "\(home)/data.yaml", settings: "\(home)/run.yaml")
  }

  /// - Parameter name: the grid's.
  /// - Returns: the files of each run, in the grid's order; the paths of all written files.
  /// - Throws: `conflict` where the folder holds something else; `system` where the system refuses.
  package static func write(
    _ grid: Grid, named name: String, to folder: String, cancellation: Cancellation? = nil
  ) throws -> (runs: [Files], written: [String]) {
    try checkFree(folder)
    let base = try grid.base.configuration
    var written: [String] = []
    let runs = try grid.runs.map { run in
      try cancellation?.check()
      let files = Self.files(of: run.name, in: folder)
      written += try write(try grid.configuration(of: run, base: base), run.name, name, files)
      return files
    }
    let csv = "\(folder)/runs.csv"
    try AtomicFile.write(Data(try self.csv(grid, base, folder).utf8), to: csv)
    return (runs, written + [csv])
  }

  private static func write(
    _ configuration: RunConfiguration, _ run: String, _ grid: String, _ files: Files
  ) throws -> [String] {
    let home = (files.settings as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: configuration.sessions.isEmpty ? home : home + "/sessions", withIntermediateDirectories: true)
    } catch {
      throw Failure(.system, "can't make the folder \(home): \((error as NSError).localizedDescription)")
    }
    let heading = ["run \(run) of the grid \(grid)"]
    var configuration = configuration
    var written: [String] = []
    func put(_ text: String, _ path: String) throws {
      try AtomicFile.write(Data(text.utf8), to: path)
      written.append(path)
    }
    try put(configuration.yaml(.model, heading: heading), files.model)
    let hasData = configuration.data.mapValue?.isEmpty == false
    if hasData {
      for session in configuration.sessions {
        try put(try YAMLText.of(session.value, heading: heading), "\(home)/sessions/\(session.key).yaml")
      }
      if !configuration.sessions.isEmpty {
        configuration.data = try configuration.data.setting(["session_dir"], to: .string("./sessions"))
      }
      try put(configuration.yaml(.data, heading: heading), files.data)
    }
    var named: [ConfigNode.Entry] = [.init("model_config", .string(files.model))]
    if hasData { named.append(.init("dataset_configs_path", .string(files.data))) }
    var settings = configuration
    settings.training = .map(named + (configuration.training.mapValue ?? []))
    let own = settings.ownPaths(.training).filter { !["model_config", "dataset_configs_path"].contains($0) }
    let text = try YAMLText.of(
      settings.training, heading: heading,
      remarks: Dictionary(uniqueKeysWithValues: own.map { ($0, RunConfiguration.ownRemark) }))
    try put(text, files.settings)
    return written
  }

  /// A row a run: its name, its levels, its files, its training settings.
  private static func csv(_ grid: Grid, _ base: RunConfiguration, _ folder: String) throws -> String {
    let table = grid.table
    let hasData = base.data.mapValue?.isEmpty == false
    let configurations = try grid.runs.map { try grid.configuration(of: $0, base: base) }
    var keys: [String] = []
    for configuration in configurations {
      for entry in configuration.training.mapValue ?? [] where !keys.contains(entry.key) && table[entry.key] == nil {
        keys.append(entry.key)
      }
    }
    var lines = [table.names + ["model_config"] + (hasData ? ["dataset_configs_path"] : []) + keys]
    for (row, run) in grid.runs.enumerated() {
      let files = Self.files(of: run.name, in: folder)
      var fields = table.columns.map { $0[row].plainText }
      fields += [files.model] + (hasData ? [files.data] : [])
      fields += try keys.map { key in
        guard let node = configurations[row].training[key] else { return "" }
        return try node.stringValue ?? YAMLText.flow(node)
      }
      lines.append(fields)
    }
    return lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// As RFC 4180 has it.
  static func field(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// A folder that is not there, is empty, or holds a grid that was written before.
  private static func checkFree(_ folder: String) throws {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: folder, isDirectory: &isFolder) else {
      do {
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw Failure(.system, "can't make the folder \(folder): \((error as NSError).localizedDescription)")
      }
      return
    }
    guard isFolder.boolValue else {
      throw Failure(.conflict, "\(folder) is a file, and a grid is written as a folder", hint: "choose another folder")
    }
    let names = (try? files.contentsOfDirectory(atPath: folder)) ?? []
    guard names.isEmpty || names.contains("runs.csv") else {
      throw Failure(
        .conflict, "\(folder) holds other files: a grid is written into an empty folder",
        hint: "choose another folder; one with a `runs.csv` is written over")
    }
  }
}
