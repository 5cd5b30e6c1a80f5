import Base
import Formats

/// The settings of a recording: its cells, lags, transforms, data filters and split.
///
/// A setting comes from the session's YAML, else from the parent YAML, else it has VisionCore's default.
public struct RecordingConfiguration: Sendable, Equatable {
  public var session: String
  /// Cells in the order of the twin's head; nil for all cells of the file.
  public var cids: [CellID]?
  /// Names of stimuli; empty where no YAML gives them.
  public var types: [String]
  /// Lags of each covariate in file order, in frames before the predicted one.
  public var lags: [String: [Int]]
  public var transforms: [TransformEntry]
  /// Data filters; a bin must pass all of them. Nil where no YAML gives any.
  public var dataFilters: [PipelineStep]?
  /// The fraction of the trials in the training split.
  public var trainFraction: Double
  public var seed: Int
  /// Frames per second before and after downsampling, where a YAML gives them.
  public var sourceRate: Double?
  public var targetRate: Double?
  /// The rate of the file's frames, where the user gives it: it stands for the file's own and the YAML's.
  public var givenRate: Double?
  /// The cells of the file's columns, where the user gives them: they stand for those of the file's metadata.
  public var givenCells: [CellID]?

  /// - Parameter files: where the two come from, for messages.
  /// - Throws: `Failure(.unsupported)` for a transform or filter that vcsh does not know, `.format` for a setting of
  ///   the wrong kind, `.mismatch` where the session's YAML belongs to another session; each with its place.
  public init(
    parent: ConfigNode?, session: ConfigNode?, sessionName: String,
    files: (parent: String?, session: String?) = (nil, nil)
  ) throws {
    let settings = Settings(session: session, parent: parent, name: sessionName.shortened, files: files)
    self.session = sessionName
    if let name = session?["session"]?.stringValue, name != sessionName {
      throw Failure(
        .mismatch, "\(files.session ?? sessionName.shortened): the YAML belongs to session \(name.shortened)",
        hint: "give the YAML of \(sessionName.shortened)")
    }
    cids = try settings.cids()
    types = try settings.texts("types")
    lags = try settings.lags()
    transforms = try settings.transforms() ?? [.standardStimulus]
    dataFilters = try settings.dataFilters()
    trainFraction = try settings.number("train_val_split") ?? 0.8
    guard (0...1).contains(trainFraction) else {
      throw Failure(
        .format,
        "\(settings.place("train_val_split")): train_val_split: a number between 0 and 1 is expected, not \(trainFraction)"
      )
    }
    seed = try settings.integer("seed") ?? 1002
    sourceRate = try settings.rate("source_rate")
    targetRate = try settings.rate("target_rate")
  }

  /// The settings for a file without a YAML.
  public static func standard(session: String) -> RecordingConfiguration { RecordingConfiguration(session: session) }

  private init(session: String) {
    self.session = session
    types = []
    lags = [:]
    transforms = [.standardStimulus]
    trainFraction = 0.8
    seed = 1002
  }

  /// The number of source frames for each frame of the recording.
  ///
  /// - Throws: `Failure(.unsupported)` where the source rate is not a whole multiple of the target rate, within
  ///   `Stimulus.rateTolerance`.
  public func downsamplingFactor() throws -> Int {
    guard let sourceRate, let targetRate else { return 1 }
    let ratio = sourceRate / targetRate
    // A monitor's true rate stands for its nominal one.
    guard let factor = Int(exactly: ratio.rounded()), (1...10_000).contains(factor),
      abs(ratio - Double(factor)) <= Stimulus.rateTolerance * Double(factor)
    else {
      throw Failure(
        .unsupported, "\(session): sampling: \(sourceRate) Hz is not a whole multiple of \(targetRate) Hz",
        hint: "correct `source_rate` or `target_rate` in the YAML, or leave both out")
    }
    return factor
  }
}

/// The two YAMLs as one. The session's settings win over the parent's.
private struct Settings {
  let session: ConfigNode?
  let parent: ConfigNode?
  let name: String
  let files: (parent: String?, session: String?)

  /// The file in which a setting stands; the session's name where that is not known.
  ///
  /// - Parameter key: dotted.
  func place(_ key: String) -> String {
    let top = String(key.prefix { $0 != "." })
    let isOwn = session?[top].map { !$0.isNull } ?? false
    return (isOwn ? files.session : files.parent) ?? name
  }

  subscript(key: String) -> ConfigNode? {
    for source in [session, parent] {
      if let value = source?[key], !value.isNull { return value }
    }
    return nil
  }

  func cids() throws -> [CellID]? {
    guard let node = self["cids"] else { return nil }
    if case .list(let items) = node, items.isEmpty {
      throw Failure(.format, "\(place("cids")): cids: the list is empty")
    }
    guard let cids = node.intList else { throw unexpected("cids", node, "a list of integers") { $0.intValue != nil } }
    guard Set(cids).count == cids.count else {
      throw Failure(.format, "\(place("cids")): cids: a cell is listed twice")
    }
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
      if let value = node.doubleValue {
        throw Failure(
          .format, "\(place("sampling")): sampling.\(key): a rate above 0 is expected, not \(NumberText.exact(value))")
      }
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
      let key = "transforms.\(entry.key.shortened)"
      guard entry.value.mapValue != nil else { throw unexpected(key, entry.value, "a map") }
      let cids = try cids()
      let steps = try PipelineStep.list(entry.value["ops"], place: "\(place(key)): \(key).ops")
      // Each transform is made once here, so that a wrong option is reported when the recording is opened.
      for step in steps { _ = try AllTransforms.make(SelectUnits.resolved(step, columns: cids)) }
      let concatenates = entry.value["concatenate"]
      guard let concatenates = concatenates == nil ? false : concatenates?.boolValue else {
        throw Failure(.format, "\(place(key)): \(key).concatenate: true or false is expected")
      }
      return TransformEntry(
        entry.key, source: try text(entry.value, "source", key), target: try text(entry.value, "expose_as", key),
        steps: steps, concatenates: concatenates)
    }
  }

  func dataFilters() throws -> [PipelineStep]? {
    guard let node = self["datafilters"] else { return nil }
    guard let entries = node.mapValue else { throw unexpected("datafilters", node, "a map") }
    var steps: [PipelineStep] = []
    for entry in entries {
      let key = "datafilters.\(entry.key.shortened)"
      guard entry.value.mapValue != nil else { throw unexpected(key, entry.value, "a map") }
      let target = try text(entry.value, "expose_as", key) ?? entry.key
      guard target == "dfs" else {
        throw Failure(
          .unsupported, "\(place(key)): \(key).expose_as: only `dfs` can be filtered, not `\(target.shortened)`")
      }
      steps += try PipelineStep.list(entry.value["ops"], place: "\(place(key)): \(key).ops")
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
    Failure(.format, "\(place(key)): \(key): \(wanted) is expected, not \(node.kindName(unless: isExpected))")
  }
}
