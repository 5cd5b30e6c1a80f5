import Base
import Formats
import Foundation
import Twin
import Workspace

/// The dataset configurations that name a twin's heads, in the order of its adapters and readouts.
///
/// Source: VisionCore's parent YAML (`sessions`, `session_dir`, one `<session>.yaml` with `session` and `cids` each), or a
/// list of dataset configurations.
package struct DatasetConfigurations {
  package var heads: [HeadConfiguration]
  package var files: [String]

  /// Reads the YAML at `path`, and the sessions' files that it names.
  package static func read(_ path: String, with yaml: YAMLFiles) throws -> DatasetConfigurations {
    let node = try yaml.read(path)
    if let list = node.listValue {
      return DatasetConfigurations(
        heads: try list.enumerated().map { try head($1, path: "\(path): item \($0)") }, files: [path])
    }
    guard let sessions = node["sessions"]?.listValue else {
      throw Failure(
        .format, "\(path): names no sessions",
        hint: ModelConfiguration.find(in: node) != nil
          ? "it is a model's configuration: --model takes it"
          : "give a parent YAML with `sessions`, or a list of dataset configurations")
    }
    var result = DatasetConfigurations(heads: [], files: [path])
    for (index, item) in sessions.enumerated() {
      guard let session = item.stringValue else {
        throw Failure(.format, "\(path): sessions.\(index): a name is expected, not \(item.kindName)")
      }
      let file = sessionFile(session, parent: node, parentPath: path)
      let node = try yaml.read(file)
      var head = try head(node, path: file)
      head.session = head.session ?? session
      result.heads.append(head)
      result.files.append(file)
    }
    return result
  }

  /// The configuration that a checkpoint was trained with: the file that `cfg_dir` names, there or beside the checkpoint.
  package static func trained(with checkpoint: Checkpoint) -> String? {
    guard let named = checkpoint.hyperParameters["cfg_dir"]?.stringValue else { return nil }
    let beside = URL(filePath: checkpoint.path).deletingLastPathComponent()
      .appending(path: (named as NSString).lastPathComponent).path
    return [named, beside].first { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
  }

  /// `<session_dir>/<session>.yaml`, the folder relative to the parent's own.
  package static func sessionFile(_ session: String, parent: ConfigNode, parentPath: String) -> String {
    let folder = URL(filePath: parentPath).deletingLastPathComponent()
    let directory = parent["session_dir"]?.stringValue ?? "."
    let base = directory.hasPrefix("/") ? URL(filePath: directory) : folder.appending(path: directory)
    return base.appending(path: session + ".yaml").standardizedFileURL.path
  }

  private static func head(_ node: ConfigNode, path: String) throws -> HeadConfiguration {
    guard node.mapValue != nil else {
      throw Failure(.format, "\(path): a dataset configuration is expected, not \(node.kindName)")
    }
    var cids: [Int]?
    if let list = node["cids"], !list.isNull {
      guard let ids = list.intList else {
        throw Failure(
          .format, "\(path): cids: a list of integers is expected, not \(list.kindName { $0.intValue != nil })")
      }
      guard Set(ids).count == ids.count else { throw Failure(.format, "\(path): cids: an id occurs twice") }
      cids = ids
    }
    return HeadConfiguration(
      session: node["session"]?.stringValue, cids: cids, adapter: node["adapter"], readout: node["readout"])
  }
}

extension Session {
  /// The stimuli that a twin was trained on: `types` of the parent YAML that its heads were named by; nil where there is
  /// none, or it is gone or changed.
  package func trainedStimuli(of twin: TwinPayload) throws -> [String]? {
    firstSetting(of: twin) { $0["types"]?.listValue }?.value.compactMap(\.stringValue)
  }

  /// The lags of a twin's windows in its YAML, with the file that lists them; nil where there is none, or it is gone or
  /// changed.
  package func trainedLags(of twin: TwinPayload) -> (file: String, lags: [Int])? {
    firstSetting(of: twin) { $0["keys_lags"]?["stim"]?.intList }.map { ($0.file, $0.value) }
  }

  /// From the first of a twin's YAML files that says it and is as it was.
  private func firstSetting<Setting>(
    of twin: TwinPayload, _ read: (ConfigNode) -> Setting?
  ) -> (file: String, value: Setting)? {
    for file in twin.configurationFiles {
      let path = workspace.absolute(path: file.path)
      guard let now = try? FileReference(reading: path, in: workspace), now.fingerprint == file.fingerprint,
        let node = try? YAMLDocument.read(path: path), let value = read(node)
      else { continue }
      return (file.path, value)
    }
    return nil
  }
}
