import Base
import Formats

/// How a recording is read: its cells, lags, transforms, data filters and split.
///
/// Each setting is taken from the session's YAML, else from the parent's, else it has VisionCore's default.
public struct RecordingConfiguration: Sendable, Equatable {
  public var session: String
  /// Cells in the order of the twin's head; nil for all of the file.
  public var cids: [CellID]?
  /// Stimuli; empty where no YAML names them.
  public var types: [String]
  /// Lags per covariate in file order, in frames back from the predicted one.
  public var lags: [String: [Int]]
  public var transforms: [TransformEntry]
  /// Steps that are all to hold for a bin to count; nil where no YAML says.
  public var dataFilters: [PipelineStep]?
  /// Share of the trials that train.
  public var trainFraction: Double
  public var seed: Int
  /// Frames per second before and after downsampling, where a YAML says.
  public var sourceRate: Double?
  public var targetRate: Double?

  /// - Throws: `Failure(.unsupported)` for a transform or filter that vcsh does not know, `.format` for a setting of the
  ///   wrong kind, `.mismatch` where the session's YAML belongs to another session; each with its place.
  public init(parent: ConfigNode?, session: ConfigNode?, sessionName: String) throws {
    let settings = Settings(session: session, parent: parent, name: sessionName.shortened)
    self.session = sessionName
    if let name = session?["session"]?.stringValue, name != sessionName {
      throw Failure(
        .mismatch, "\(sessionName.shortened): its yaml is that of session \(name.shortened)",
        hint: "name the YAML of \(sessionName.shortened)")
    }
    cids = try settings.cids()
    types = try settings.texts("types")
    lags = try settings.lags()
    transforms = try settings.transforms() ?? [.standardStimulus]
    dataFilters = try settings.dataFilters()
    trainFraction = try settings.number("train_val_split") ?? 0.8
    guard (0...1).contains(trainFraction) else {
      throw Failure(.format, "\(sessionName): train_val_split: between 0 and 1 is expected, not \(trainFraction)")
    }
    seed = try settings.integer("seed") ?? 1002
    sourceRate = try settings.rate("source_rate")
    targetRate = try settings.rate("target_rate")
  }

  /// What is assumed of a file that comes without a YAML.
  public static func standard(session: String) -> RecordingConfiguration { RecordingConfiguration(session: session) }

  private init(session: String) {
    self.session = session
    types = []
    lags = [:]
    transforms = [.standardStimulus]
    trainFraction = 0.8
    seed = 1002
  }

  /// Frames of the source per frame of the recording.
  ///
  /// - Throws: `Failure(.unsupported)` where the rates are no whole multiple of each other.
  public func downsamplingFactor() throws -> Int {
    guard let sourceRate, let targetRate else { return 1 }
    let ratio = sourceRate / targetRate
    guard let factor = Int(exactly: ratio), (1...10_000).contains(factor) else {
      throw Failure(
        .unsupported, "\(session): sampling: \(sourceRate) Hz is no whole multiple of \(targetRate) Hz")
    }
    return factor
  }
}

/// The two YAMLs as one: the session's settings come first.
private struct Settings {
  let session: ConfigNode?
  let parent: ConfigNode?
  let name: String

  subscript(key: String) -> ConfigNode? {
    for source in [session, parent] {
      if let value = source?[key], !value.isNull { return value }
    }
    return nil
  }

  func cids() throws -> [CellID]? {
    guard let node = self["cids"] else { return nil }
    if case .list(let items) = node, items.isEmpty { throw Failure(.format, "\(name): cids: no cell is listed") }
    guard let cids = node.intList else { throw unexpected("cids", node, "a list of integers") { $0.intValue != nil } }
    guard Set(cids).count == cids.count else { throw Failure(.format, "\(name): cids: a cell is listed twice") }
    return cids
  }

  func texts(_ key: String) throws -> [String] {
    guard let node = self[key] else { return [] }
    if let text = node.stringValue { return [text] }
    guard let items = node.listValue, items.allSatisfy({ $0.stringValue != nil }) else {
      throw unexpected(key, node, "a list of names") { $0.stringValue != nil }
    }
    return items.compactMap(\.stringValue)
  }

  func number(_ key: String) throws -> Double? {
    guard let node = self[key] else { return nil }
    guard let value = node.doubleValue, value.isFinite else { throw unexpected(key, node, "a number") }
    return value
  }

  func integer(_ key: String) throws -> Int? {
    guard let node = self[key] else { return nil }
    guard let value = node.intValue else { throw unexpected(key, node, "an integer") }
    return value
  }

  func rate(_ key: String) throws -> Double? {
    guard let node = self["sampling"]?[key], !node.isNull else { return nil }
    guard let value = node.doubleValue, value.isFinite, value > 0 else {
      throw unexpected("sampling.\(key)", node, "a rate above 0")
    }
    return value
  }

  func lags() throws -> [String: [Int]] {
    guard let node = self["keys_lags"] else { return [:] }
    guard let entries = node.mapValue else { throw unexpected("keys_lags", node, "a map") }
    var lags: [String: [Int]] = [:]
    for entry in entries {
      if entry.value.isNull {
        lags[entry.key] = [0]
      } else if let list = entry.value.intList, !list.isEmpty {
        lags[entry.key] = list
      } else {
        throw unexpected("keys_lags.\(entry.key.shortened)", entry.value, "a lag or a list of lags") {
          $0.intValue != nil
        }
      }
    }
    return lags
  }

  func transforms() throws -> [TransformEntry]? {
    guard let node = self["transforms"] else { return nil }
    guard let entries = node.mapValue else { throw unexpected("transforms", node, "a map") }
    return try entries.map { entry in
      let place = "transforms.\(entry.key.shortened)"
      guard entry.value.mapValue != nil else { throw unexpected(place, entry.value, "a map") }
      let cids = try cids()
      let steps = try PipelineStep.list(entry.value["ops"], place: "\(name): \(place).ops")
      // Made once here so that a wrong option is told when the recording is opened, not when it is used.
      for step in steps { _ = try AllTransforms.make(SelectUnits.resolved(step, columns: cids)) }
      let concatenates = entry.value["concatenate"]
      guard let concatenates = concatenates == nil ? false : concatenates?.boolValue else {
        throw Failure(.format, "\(name): \(place).concatenate: true or false is expected")
      }
      return TransformEntry(
        entry.key, source: try text(entry.value, "source", place), target: try text(entry.value, "expose_as", place),
        steps: steps, concatenates: concatenates)
    }
  }

  func dataFilters() throws -> [PipelineStep]? {
    guard let node = self["datafilters"] else { return nil }
    guard let entries = node.mapValue else { throw unexpected("datafilters", node, "a map") }
    var steps: [PipelineStep] = []
    for entry in entries {
      let place = "datafilters.\(entry.key.shortened)"
      guard entry.value.mapValue != nil else { throw unexpected(place, entry.value, "a map") }
      let target = try text(entry.value, "expose_as", place) ?? entry.key
      guard target == "dfs" else {
        throw Failure(
          .unsupported, "\(name): \(place).expose_as: only `dfs` can be filtered, not `\(target.shortened)`")
      }
      steps += try PipelineStep.list(entry.value["ops"], place: "\(name): \(place).ops")
    }
    for step in steps { _ = try AllDataFilters.make(step) }
    return steps
  }

  private func text(_ node: ConfigNode, _ key: String, _ place: String) throws -> String? {
    guard let value = node[key], !value.isNull else { return nil }
    guard let text = value.stringValue else { throw unexpected("\(place).\(key)", value, "a name") }
    return text
  }

  private func unexpected(
    _ key: String, _ node: ConfigNode, _ wanted: String, items isExpected: (ConfigNode) -> Bool = { _ in true }
  ) -> Failure {
    Failure(.format, "\(name): \(key): \(wanted) is expected, not \(node.kindName(unless: isExpected))")
  }
}
