import Base
import Formats
import RunLogs
import Runs

/// A training that the workspace knows, from a log or from a job: what it had, how long it took, what became of it.
public struct KnownRun: Sendable {
  public var name: String
  public var state: String
  /// Whether it ran to its end; nil where that is unknown.
  public var hasFinished: Bool?
  public var hours: Double?
  public var epochs: Int?
  /// The digest of its whole configuration, where a job of vcsh ran it.
  var digest: String?
  private var settings: [(name: String, level: SettingLevel)]
  /// What is in the model's and the dataset YAML that its log names; nil where it names none, or the file can't be read.
  private(set) var model: ConfigNode?
  private(set) var data: ConfigNode?

  /// - Parameter set: the name of the set that it is in.
  package init(_ run: RunSummary, set: String) {
    name = "\(set)/\(run.run)"
    state = run.state.rawValue
    hasFinished =
      switch run.state {
      case .finished, .stoppedEarly: true
      case .unknown: nil
      default: false
      }
    if run.isBroken { hasFinished = false }
    (hours, epochs) = (run.hours, run.epochs)
    settings = run.parameters.map { ($0.name, SettingLevel($0.value)) }
  }

  /// - Parameter levels: of the grid's axes, by their paths.
  package init(job name: String, hours: Double?, digest: String, levels: [String: String]) {
    (self.name, state, hasFinished, self.hours, self.digest) = (name, "done", true, hours, digest)
    settings = levels.sorted { $0.key < $1.key }.map { ($0.key, SettingLevel(.string($0.value))) }
  }

  /// - Parameter known: what is in the files that were read for other runs, by their paths.
  mutating func readFiles(_ known: inout [String: ConfigNode?]) {
    func content(_ names: [String], _ read: (String) throws -> ConfigNode) -> ConfigNode? {
      let named = settings.first { names.contains($0.name) }
      guard let path = named?.level.text, path.hasPrefix("/") else { return nil }
      if let found = known[path] { return found }
      let node = (try? read(path))?.canonical
      known[path] = .some(node)
      return node
    }
    model = content(["model_cfg", "model_config"]) { try YAMLDocument.read(path: $0) }
    data = content(["cfg_dir", "dataset_configs_path"], GridBase.dataset)
  }

  /// The recorded value of a setting; nil where the log does not have it, or has several that may be meant.
  func level(_ path: String) -> SettingLevel? {
    let wanted = path.split(separator: ".").map(String.init)
    if let exact = settings.first(where: { $0.name == path }) { return exact.level }
    let near = settings.filter { setting in
      let parts = setting.name.split(separator: ".").map(String.init)
      guard let last = parts.last, let end = wanted.last else { return false }
      let isSame = last == end || TrainingKeys.otherNames[last] == end
      // A log may write the path with something in front of it, or its end alone.
      let common = min(parts.count, wanted.count) - 1
      return isSame && parts.dropLast().suffix(common) == wanted.dropLast().suffix(common)
    }
    let levels = Set(near.map(\.level))
    return levels.count == 1 ? levels.first : nil
  }
}
