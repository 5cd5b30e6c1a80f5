import Base

/// A model's weights and what was kept with them, from a file of `torch.save`: a Lightning checkpoint, a dict with a
/// `state_dict`, or a state dict by itself.
///
/// Opening reads only the pickle. Tensor names have no prefixes of wrappers (`model.`, `_orig_mod.`, `module.`).
public struct Checkpoint: StoredArraySource {
  public let archive: TorchArchive
  public let arrayNames: [String]
  /// Entries of the state dict that are not dense tensors of numbers, in file order. They can't be read.
  public let unreadableNames: [String]
  /// All of `hyper_parameters`; an empty map where the file has none.
  public let hyperParameters: ConfigNode
  public let epoch: Int?
  public let globalStep: Int?
  public let lightningVersion: String?
  /// The quantity by which Lightning's ModelCheckpoint selected the file.
  public let monitor: String?
  private let references: [String: TensorReference]
  private let scoreValue: PickleValue?

  /// Prefixes in the order in which they are tried; the first that matches is removed.
  private static let prefixes = ["model._orig_mod.", "model.", "_orig_mod.", "module."]

  public init(path: String) throws { try self.init(archive: TorchArchive(path: path)) }

  /// - Throws: `format` where the archive holds no weights.
  public init(archive: TorchArchive) throws {
    self.archive = archive
    guard let weights = Checkpoint.weights(archive.root) else {
      let isDataset = DictDataset.isDictDataset(archive)
      throw Failure(
        .format, "\(archive.path) is not a checkpoint: it holds \(archive.root.kindName) without a state_dict",
        hint: isDataset ? "it is a recording's stimulus (.dset)" : nil)
    }
    var names: [String] = []
    var unreadable: [String] = []
    var references: [String: TensorReference] = [:]
    for (key, value) in weights.entries ?? [] {
      guard let full = key.stringValue else { continue }
      let prefix = Checkpoint.prefixes.first { full.hasPrefix($0) && full.utf8.count > $0.utf8.count } ?? ""
      let name = String(full.dropFirst(prefix.count))
      guard let reference = value.tensorReference else {
        unreadable.append(name)
        continue
      }
      guard references.updateValue(reference, forKey: name) == nil else {
        throw Failure(
          .format, "\(archive.path): two tensors are named `\(name)` after the prefixes of wrappers are removed")
      }
      names.append(name)
    }
    arrayNames = names
    unreadableNames = unreadable
    self.references = references
    let root = archive.root
    hyperParameters =
      try root["hyper_parameters"]?.configuration(origin: "\(archive.path): hyper_parameters") ?? .map([])
    epoch = root["epoch"]?.intValue
    globalStep = root["global_step"]?.intValue
    lightningVersion = root["pytorch-lightning_version"]?.stringValue
    let callback = (root["callbacks"]?.entries ?? []).first {
      $0.key.stringValue?.hasPrefix("ModelCheckpoint") ?? false
    }
    monitor = callback?.value["monitor"]?.stringValue
    scoreValue = [callback?.value["current_score"], callback?.value["best_model_score"]].lazy.compactMap { $0 }
      .first { $0.doubleValue != nil || $0.tensorReference != nil }
  }

  /// Whether the archive's tree is that of a checkpoint.
  public static func isCheckpoint(_ archive: TorchArchive) -> Bool { weights(archive.root) != nil }

  /// The model's configuration, as the trainer saved it.
  public var configuration: ConfigNode? {
    guard let node = hyperParameters["model_config_dict"], case .map = node else { return nil }
    return node
  }

  /// The monitored quantity when the file was written.
  /// - Undefined: nil where no ModelCheckpoint wrote the file, or its score can't be read.
  public var score: Double? {
    if let number = scoreValue?.doubleValue { return number }
    guard let reference = scoreValue?.tensorReference, reference.info.count == 1 else { return nil }
    return try? archive.doubles(reference).first
  }

  public var path: String { archive.path }
  public var byteCount: Int { archive.size }
  /// See `TorchArchive.fingerprint`.
  public var fingerprint: String { archive.fingerprint }

  public var origin: String { archive.path }
  public func info(_ name: String) -> ArrayInfo? { references[name]?.info }

  public func stored(_ name: String) throws -> StoredArray {
    guard let reference = references[name] else { throw unknown(name) }
    return try archive.stored(reference, name)
  }

  /// The dict of weights: under `state_dict`, or the whole file where it holds only named tensors.
  private static func weights(_ root: PickleValue) -> PickleValue? {
    if let weights = root["state_dict"], weights.entries != nil { return weights }
    guard let entries = root.entries, !entries.isEmpty else { return nil }
    return entries.allSatisfy { $0.key.stringValue != nil && $0.value.tensorReference != nil } ? root : nil
  }
}
