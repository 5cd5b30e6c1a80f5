import Base
import Formats
import Foundation

/// What all runs of a grid have in common.
public struct GridBase: Codable, Sendable, Equatable {
  /// JSON texts, keys in their own order.
  private var model: String
  private var data: String
  private var training: String
  private var sessions: String
  /// The files that it was read from.
  public private(set) var files: [String]

  package init(_ configuration: RunConfiguration, files: [String]) throws {
    model = try configuration.model.jsonText(sortsKeys: false)
    data = try configuration.data.jsonText(sortsKeys: false)
    training = try configuration.training.jsonText(sortsKeys: false)
    sessions = try ConfigNode.map(configuration.sessions).jsonText(sortsKeys: false)
    self.files = files
  }

  package var configuration: RunConfiguration {
    get throws {
      func node(_ text: String) throws -> ConfigNode { try YAMLDocument.parse(text: text, name: "the grid's base") }
      var configuration = RunConfiguration(model: try node(model), data: try node(data), training: try node(training))
      configuration.sessions = try node(sessions).mapValue ?? []
      return configuration
    }
  }

  /// Reads the base of a grid.
  ///
  /// - Parameters:
  ///   - path: a model's YAML; or the settings of a run, which name both YAML files in `model_config` and
  ///     `dataset_configs_path` beside VisionCore's flags.
  ///   - data: the dataset YAML with `sessions`.
  ///   - readsSessions: whether the sessions' own YAML files are needed.
  /// - Throws: a failure that names the file and what is wrong with it.
  package init(path: String, data given: String?, readsSessions: Bool) throws {
    var files = [path]
    let read = try YAMLDocument.read(path: path)
    guard let entries = read.mapValue else {
      throw Failure(
        .format, "\(path): a map is needed, not \(read.kindName)",
        hint: "--base takes a model's YAML, or the settings of a run with `model_config`")
    }
    let folder = (path as NSString).deletingLastPathComponent
    var (model, training) = (read, ConfigNode.map([]))
    var dataPath = given
    if let named = read["model_config"]?.stringValue {
      training = .map(entries.filter { !["model_config", "dataset_configs_path"].contains($0.key) })
      let file = Self.absolute(named, in: folder)
      model = try YAMLDocument.read(path: file)
      files.append(file)
      dataPath = given ?? read["dataset_configs_path"]?.stringValue.map { Self.absolute($0, in: folder) }
    } else if read["sessions"] != nil, read["convnet"] == nil, read["readout"] == nil {
      throw Failure(
        .mismatch, "\(path): this is a dataset YAML, and --base takes the model's",
        hint: "write `--base MODEL.yaml --data \(path)`")
    }
    var data = ConfigNode.map([])
    if let dataPath {
      data = try Self.dataset(dataPath)
      files.append(dataPath)
    }
    var configuration = RunConfiguration(model: model, data: data, training: training)
    if readsSessions { configuration.sessions = try Self.sessions(of: data, dataPath, &files) }
    try self.init(configuration, files: files)
  }

  /// A dataset YAML, with the path of its sessions made whole: the file that a run gets lies elsewhere.
  ///
  /// - Throws: a failure that names the file and what is wrong with it.
  static func dataset(_ path: String) throws -> ConfigNode {
    let data = try YAMLDocument.read(path: path)
    guard data.mapValue != nil else {
      throw Failure(
        .format, "\(path): a map is needed, not \(data.kindName)",
        hint: "--data takes a dataset YAML with `sessions`, `types` and so on")
    }
    guard let sessions = data["session_dir"]?.stringValue else { return data }
    return try data.setting(
      ["session_dir"], to: .string(absolute(sessions, in: (path as NSString).deletingLastPathComponent)))
  }

  private static func absolute(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: folder).appending(path: path).standardizedFileURL.path
  }

  /// The YAML of each session, which holds its `cids`.
  private static func sessions(
    of data: ConfigNode, _ path: String?, _ files: inout [String]
  ) throws -> [ConfigNode.Entry] {
    guard let path, let names = data["sessions"]?.listValue?.compactMap(\.stringValue), !names.isEmpty else {
      throw Failure(
        .missing, "the axis `cells` needs the sessions and their cells",
        hint: "--data takes a dataset YAML with `sessions`")
    }
    guard let folder = data["session_dir"]?.stringValue else {
      throw Failure(
        .missing, "\(path): `session_dir` is missing, so the cells of its sessions are not known",
        hint: "set `session_dir` to the folder with a YAML for each session")
    }
    return try names.map { name in
      let file = "\(folder)/\(name).yaml"
      files.append(file)
      let node = try YAMLDocument.read(path: file)
      guard node["cids"]?.intList != nil else { throw Failure(.format, "\(file): `cids` is not a list of cell ids") }
      return .init(name, node)
    }
  }
}
