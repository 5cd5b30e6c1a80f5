import Base
import Formats
import Foundation
import Recordings
import Workspace

/// A recording on disk: its `.dset` files and the YAML that belongs to it.
struct RecordingFolder {
  var session: String
  var configuration: RecordingConfiguration
  var stimuli: [Stimulus]
  var files: [String: DictDataset]
  var parentFile: String?
  var sessionFile: String?
  /// Files that were left out, and what is odd about the others.
  var remarks: [String] = []

  /// Opens a folder of stimuli, or a single `.dset`.
  ///
  /// The YAML is the one given, else what lies in the folder, else in the folders beside it as VisionCore lays them out:
  /// `../sessions/<session>.yaml` and the parent YAML in `..` that lists the session.
  ///
  /// - Parameters:
  ///   - dataset: what the file at `path` holds, where it is one file.
  ///   - request: its YAML files are read once for several folders.
  init(path: String, dataset archive: TorchArchive?, configuration given: String?, for request: OpenRequest) throws {
    let yaml = request.yaml
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Failure(.missing, "no file or folder \(path)", hint: Suggestion.hint(forPath: path))
    }
    let folder = isFolder.boolValue ? path : (path as NSString).deletingLastPathComponent
    var names =
      isFolder.boolValue
      ? try FileManager.default.contentsOfDirectory(atPath: path).filter(Self.isDataset).sorted()
      : [(path as NSString).lastPathComponent]
    names.removeAll { $0.hasPrefix(".") }
    guard !names.isEmpty else {
      throw CheckpointFolder.refusal(path) ?? Self.noDataset(path)
    }
    let twins = Self.namesakes(&names)
    var datasets: [(name: String, dataset: DictDataset)] = []
    var refusals: [Failure] = []
    for name in names {
      do {
        let dataset = try archive.map { try DictDataset(archive: $0) } ?? DictDataset(path: folder + "/" + name)
        datasets.append(((name as NSString).deletingPathExtension, dataset))
      } catch let failure as Failure where [.format, .unsupported, .missing, .mismatch].contains(failure.kind) {
        refusals.append(failure)
      }
    }
    if datasets.isEmpty, let failure = refusals.first { throw failure }
    remarks = twins.map { left, kept in
      "not opened: \(folder)/\(left): it has the name of the stimulus in \(kept); rename one of the two files"
    }
    remarks += refusals.map { "not opened: \($0.message)" + ($0.hint.map { hint in "; \(hint)" } ?? "") }
    let metadataNames = Set(datasets.compactMap { $0.dataset.metadata["sess"]?.stringValue })
    guard metadataNames.count <= 1 else {
      throw Failure(
        .mismatch,
        "\(path): files of several sessions in one folder: \(metadataNames.sorted().joined(separator: ", "))",
        hint: "keep one folder a session")
    }
    session = metadataNames.first ?? (URL(filePath: folder).standardizedFileURL.lastPathComponent)
    let found = try RecordingFolder.configurationFiles(folder: folder, session: session, given: given, yaml: yaml)
    parentFile = found.parent
    sessionFile = found.session
    configuration = try RecordingConfiguration(
      parent: try found.parent.map(yaml.read), session: try found.session.map(yaml.read), sessionName: session,
      files: found)
    configuration.givenRate = request.rate
    configuration.givenCells = request.cells
    files = [:]
    stimuli = []
    for (name, dataset) in datasets {
      files[name] = dataset
      remarks += dataset.remarks
      let stimulus = try Stimulus(
        name: name, source: dataset, metadata: dataset.metadata, configuration: configuration)
      remarks += stimulus.remarks + [try stimulus.scaleRemark()].compactMap(\.self)
      stimuli.append(stimulus)
    }
  }

  /// Leaves one file for each stimulus: names may differ in the capitals of their ending alone.
  ///
  /// - Returns: the files that are left out, each with the one that is kept.
  private static func namesakes(_ names: inout [String]) -> [(left: String, kept: String)] {
    let groups = Dictionary(grouping: names) { ($0 as NSString).deletingPathExtension }
    let kept = groups.mapValues { group in group.first { $0.hasSuffix(".dset") } ?? group.first }
    let left = names.compactMap { name in
      kept[(name as NSString).deletingPathExtension]?.flatMap { $0 == name ? nil : (left: name, kept: $0) }
    }
    names.removeAll { name in left.contains { $0.left == name } }
    return left
  }

  /// Why a folder is no recording.
  private static func noDataset(_ path: String) -> Failure {
    if let inner = recording(in: path) {
      return Failure(
        .format, "\(path): no `.dset` file in this folder",
        hint: "open one of the recordings in it: `open \(inner)`")
    }
    return CheckpointFolder.innerRefusal(path)
      ?? Failure(
        .format, "\(path): no `.dset` file in this folder",
        hint:
          "a recording is a folder of <stimulus>.dset files; nor is there a log of a training or a checkpoint in it")
  }

  /// The first folder in `folder` that holds a recording.
  private static func recording(in folder: String) -> String? {
    let files = FileManager.default
    let names = (try? files.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().prefix(200).map { folder + "/" + $0 }.first { inner in
      (try? files.contentsOfDirectory(atPath: inner))?.contains(where: isDataset) == true
    }
  }

  /// Whether a file is a stimulus, by its ending.
  static func isDataset(_ name: String) -> Bool { name.lowercased().hasSuffix(".dset") }

  private static func configurationFiles(
    folder: String, session: String, given: String?, yaml: YAMLFiles
  ) throws -> (parent: String?, session: String?) {
    if let given {
      let node = try yaml.read(given)
      guard let sessions = node["sessions"]?.listValue else { return (nil, given) }
      guard sessions.contains(where: { $0.stringValue == session }) else {
        throw Failure(
          .mismatch, "\(given): `sessions` does not list \(session)",
          hint: "it lists \(sessions.compactMap(\.stringValue).prefix(4).joined(separator: ", "))")
      }
      let file = DatasetConfigurations.sessionFile(session, parent: node, parentPath: given)
      return (given, FileManager.default.fileExists(atPath: file) ? file : nil)
    }
    let base = URL(filePath: folder).standardizedFileURL
    let above = base.deletingLastPathComponent()
    let candidates = [
      base.appending(path: session + ".yaml"), above.appending(path: "sessions/\(session).yaml"),
      above.appending(path: session + ".yaml"),
    ]
    let sessionFile = candidates.first { FileManager.default.fileExists(atPath: $0.path) }?.path
    return (try parentFile(in: [base, above], session: session, yaml: yaml), sessionFile)
  }

  /// A YAML file that may be a parent; nil where it can't be read and does not name the session.
  ///
  /// - Parameter unread: gets why a file can't be read that may well be the session's: one that isn't text at all.
  /// - Throws: why it can't be read where it names the session: it must not be passed over.
  private static func parent(_ path: String, of session: String, _ yaml: YAMLFiles, unread: inout Failure?) throws
    -> ConfigNode?
  {
    do {
      return try yaml.read(path)
    } catch let failure as Failure where failure.kind != .interrupted {
      let data = try? RegularFile(path: path).contents()
      let text = String(decoding: data ?? Data(), as: UTF8.self)
      if text.contains(session) || text.contains("sessions") { throw failure }
      let kind = try? FileKind.recognise(path)
      if kind != .yaml, kind != .directory { unread = unread ?? failure }
      return nil
    }
  }

  /// The parent YAML that lists the session. Several may: those that read the data alike are as good as one.
  ///
  /// - Throws: why a file can't be read where no other lists the session.
  private static func parentFile(in folders: [URL], session: String, yaml: YAMLFiles) throws -> String? {
    var unread: Failure?
    for folder in folders {
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
      let candidates = names.filter { name in
        !name.hasPrefix(".") && ["yaml", "yml"].contains((name as NSString).pathExtension.lowercased())
      }
      let parents = try candidates.compactMap { name -> (String, ConfigNode)? in
        let path = folder.appending(path: name).path
        guard let node = try parent(path, of: session, yaml, unread: &unread),
          let sessions = node["sessions"]?.listValue,
          sessions.contains(where: { $0.stringValue == session })
        else { return nil }
        return (path, node)
      }
      guard let first = parents.first else { continue }
      let keys = ["keys_lags", "transforms", "datafilters", "sampling", "train_val_split", "seed"]
      for other in parents.dropFirst() {
        if let key = keys.first(where: { other.1[$0] != first.1[$0] }) {
          throw Failure(
            .mismatch, "\(session) is listed in \(first.0) and in \(other.0), and they differ in `\(key)`",
            hint: "name one with --config")
        }
      }
      return first.0
    }
    if let unread {
      throw Failure(
        unread.kind, unread.message,
        hint: (unread.hint.map { "\($0), " } ?? "") + "or name the recording's YAML with --config")
    }
    return nil
  }
}
