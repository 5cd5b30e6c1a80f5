import Base
import Formats
import Foundation
import Workspace

/// A twin as a Lightning checkpoint, for VisionCore: the keys, order, element types and hyper-parameters of the file that it
/// came from, with what was changed since.
struct CheckpointExport {
  private let twin: LoadedTwin
  private let path: String
  private let workspace: Workspace
  /// The file that the twin came from; nil where that is safetensors.
  private let archive: TorchArchive?

  init(_ twin: LoadedTwin, to path: String, in workspace: Workspace) throws {
    self.twin = twin
    self.path = path
    self.workspace = workspace
    archive = try CandidateFile(path: twin.checkpoint.path).torch()
  }

  /// Keys of VisionCore's constructor that a checkpoint needs.
  private static let standard: [ConfigNode.Entry] = [
    .init("model_cfg", .string("")), .init("cfg_dir", .string("")), .init("lr", .double(1e-3)),
    .init("wd", .double(1e-5)), .init("max_ds", .int(20)), .init("pretrained_checkpoint", .null),
    .init("freeze_vision", .bool(false)), .init("compile_model", .bool(false)),
  ]
  /// Of the state that training left, what does not belong to the weights.
  private static let statesOfTraining = ["loops", "callbacks"]

  /// Writes the checkpoint, and the YAML of its sessions beside it.
  ///
  /// - Returns: what a user should know: what of the file was left out.
  /// - Throws: `unsupported` for a tensor that can't be written; what writing throws.
  func write() throws -> [String] {
    var notes: [String] = []
    let yaml = SessionYAML(twin: twin.payload, checkpointPath: path, workspace: workspace)
    let parent = try yaml.write()
    notes.append(
      parent.map { "wrote \($0) and, in \(yaml.folder), \(yaml.fileNames.joined(separator: ", "))" }
        ?? "its heads have no sessions or cids, so that no YAML is written beside \(path)")
    let isChanged = twin.payload.overlay != nil
    func state(_ key: String) throws -> PythonValue? {
      guard let archive, let value = archive.root[key] else { return nil }
      let written = try PythonValue(value, in: archive)
      if written == nil {
        notes.append("`\(key)` of \(twin.checkpoint.path) is left out: it holds more than plain values")
      }
      return written
    }
    var entries: [(key: PythonValue, value: PythonValue)] = [
      (.string("epoch"), .int(twin.checkpoint.epoch ?? 0)),
      (.string("global_step"), .int(twin.checkpoint.globalStep ?? 0)),
      (.string("pytorch-lightning_version"), .string(twin.checkpoint.lightningVersion ?? "2.6.0")),
      (.string("state_dict"), .orderedDict(try weights())),
    ]
    for key in Self.statesOfTraining { entries.append((.string(key), try state(key) ?? .dict([]))) }
    for key in ["optimizer_states", "lr_schedulers"] {
      // Moments of other weights are worth nothing.
      entries.append((.string(key), try (isChanged ? nil : state(key)) ?? .list([])))
    }
    if isChanged { notes.append("the optimiser's state is left out: it belongs to the weights before the change") }
    entries.append((.string("hparams_name"), .string(archive?.root["hparams_name"]?.stringValue ?? "kwargs")))
    entries.append((.string("hyper_parameters"), PythonValue(hyperParameters(parent: parent))))
    try TorchWriter.write(.dict(entries), to: path)
    return notes
  }

  /// Every tensor by its name in the file that it came from; new heads stand after the ones before them.
  private func weights() throws -> [(key: String, value: PythonValue)] {
    if let name = twin.checkpoint.unreadableNames.first {
      throw Failure(.unsupported, "`\(name)` of \(twin.checkpoint.path) can't be read, so it can't be written")
    }
    let prefix = prefix
    return try ordered(twin.source.arrayNames).map { name in
      guard let tensor = try TorchTensor(name, of: twin.source) else {
        let type = twin.source.info(name)?.scalar.rawValue ?? "?"
        throw Failure(
          .unsupported, "`\(name)` holds \(type), which a checkpoint of torch's storages can't",
          hint: "export .safetensors")
      }
      let known = archive == nil ? nil : twin.checkpoint.fileNames[name]
      return (known ?? prefix + name, .tensor(tensor))
    }
  }

  /// What stands before the names of weights in the file: `model.`
  private var prefix: String {
    guard archive != nil, let first = twin.checkpoint.arrayNames.first, let full = twin.checkpoint.fileNames[first],
      full.hasSuffix(first)
    else { return "model." }
    return String(full.dropLast(first.count))
  }

  /// Tensors that were added come behind the last one of their kind.
  private func ordered(_ names: [String]) -> [String] {
    var order = names.filter { twin.checkpoint.info($0) != nil }
    for name in names where twin.checkpoint.info(name) == nil {
      let kind = name.split(separator: ".").first.map { $0 + "." } ?? ""
      let place = order.lastIndex { $0.hasPrefix(kind) }.map { $0 + 1 } ?? order.count
      order.insert(name, at: place)
    }
    return order
  }

  private func hyperParameters(parent: String?) -> ConfigNode {
    let own = archive == nil ? nil : twin.checkpoint.hyperParameters.mapValue
    var entries = own.flatMap { $0.isEmpty ? nil : $0 } ?? Self.standard
    func set(_ key: String, _ value: ConfigNode) {
      if let place = entries.firstIndex(where: { $0.key == key }) {
        entries[place].value = value
      } else {
        entries.append(.init(key, value))
      }
    }
    set("model_config_dict", twin.architecture.configuration)
    if let parent { set("cfg_dir", .string(parent)) }
    // VisionCore builds no more heads than this.
    if let most = entries.first(where: { $0.key == "max_ds" })?.value.intValue, most < twin.payload.heads.count {
      set("max_ds", .int(twin.payload.heads.count))
    }
    set(
      "vcsh_lineage",
      .map([
        .init("twin", .string(twin.name)), .init("note", twin.payload.note.map { .string($0) } ?? .null),
        .init("checkpoint", .string(twin.checkpoint.path)),
        .init("checkpoint_fingerprint", .string(twin.checkpoint.fingerprint)),
        .init("weights", .string(twin.weightsDigest)),
        .init("frozen", .list(twin.payload.frozen.map { .string($0) })),
      ]))
    return .map(entries)
  }
}
