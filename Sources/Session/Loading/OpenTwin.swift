import Base
import Formats
import Layers
import Twin

/// A checkpoint with the layers of its twin: built once without values, and once with them when they are first needed.
package final class OpenTwin {
  let checkpoint: Checkpoint
  /// The checkpoint's tensors, or those that were changed since in their place.
  let source: any ArraySource
  let architecture: TwinArchitecture
  /// Names of the tensors that differ from the checkpoint's.
  let changedNames: Set<String>
  private var networks: [Int: TwinNetwork] = [:]
  private let stamp: FileStamp
  /// The file with the model's configuration, and what it was when it was read.
  private let modelFile: (path: String, stamp: FileStamp)?

  /// - Parameters:
  ///   - modelFile: the file with the model's configuration, where the checkpoint's own is not used.
  ///   - changed: tensors that stand in place of the checkpoint's, or beside them.
  ///   - dropped: tensors of the checkpoint that are gone, unless `changed` has them.
  ///   - edits: options that differ from the configuration's, as PATH=VALUE.
  ///   - stamp: of the checkpoint's file, taken before it was read.
  /// - Throws: `unsupported` for a checkpoint without a configuration; as `TwinArchitecture`.
  init(
    _ checkpoint: Checkpoint, modelFile: String?, changed: NpzArchive? = nil, dropped: [String] = [],
    edits: [String] = [], heads: [HeadConfiguration], stamp: FileStamp
  ) throws {
    self.checkpoint = checkpoint
    self.stamp = stamp
    self.modelFile = modelFile.map { ($0, FileStamp($0)) }
    let kept: any ArraySource = dropped.isEmpty ? checkpoint : ReplacedArrays(checkpoint, without: dropped)
    source = if let changed { OverlaySource(changed, over: kept) } else { kept }
    changedNames = Set(changed?.arrayNames ?? [])
    let configurationFile = modelFile ?? checkpoint.path
    guard let configuration = try modelFile.map(ModelFile.configuration) ?? checkpoint.storedConfiguration() else {
      throw Failure(
        .unsupported, "\(checkpoint.path): holds weights without a model configuration",
        hint: "--model FILE takes the model's YAML (model_type, frontend, convnet, …)"
          + (Self.namedFile(checkpoint.hyperParameters).map { "; it was trained with \($0.shortened)" } ?? "")
      )
    }
    let edited = try ConfigurationEdit.applied(edits, to: configuration)
    do {
      architecture = try TwinArchitecture(configuration: edited, source: source, heads: heads)
    } catch var failure as Failure where failure.kind == .missing {
      failure.hint = PrefixAdvice.hint(checkpoint, failure) ?? failure.hint
      if let part = checkpoint.path.firstMatch(of: /-(\d{5})-of-(\d{5})\./), let number = Int(part.1),
        let count = Int(part.2)
      {
        failure.hint = "the file is part \(number) of \(count): join the parts into one file first"
      }
      throw failure
    } catch var failure as Failure where failure.kind != .interrupted && edits.isEmpty {
      if !failure.message.hasPrefix("/") { failure.message = "\(configurationFile): \(failure.message)" }
      throw failure
    }
  }

  /// The configuration's file that hyper-parameters name.
  private static func namedFile(_ settings: ConfigNode) -> String? {
    ["model_cfg", "model_config", "model_config_dict", "config", "cfg", "model"].lazy
      .compactMap { settings[$0]?.stringValue?.trimmingCharacters(in: ["<", ">"]) }
      .first { text in [".yaml", ".yml", ".json"].contains { text.lowercased().hasSuffix($0) } }
  }

  /// The network with the adapter and readout of one head; weights are read on first use.
  func network(head: Int) throws -> TwinNetwork {
    if let network = networks[head] { return network }
    let network =
      try networks.values.first?.with(head: head, from: source)
      ?? TwinNetwork(architecture: architecture, source: source, heads: [head])
    networks[head] = network
    return network
  }

  /// Whether the files are still those that were opened.
  var isCurrent: Bool {
    FileStamp(checkpoint.path) == stamp && (modelFile.map { FileStamp($0.path) == $0.stamp } ?? true)
  }
}
