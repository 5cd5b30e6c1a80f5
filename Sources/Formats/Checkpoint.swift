import Base

/// A model's weights and what was kept with them: a Lightning checkpoint, another file of `torch.save` with named
/// weights, or a safetensors file.
///
/// Opening reads only the pickle or the header. Tensor names have no prefixes of wrappers (`model.`, `_orig_mod.`,
/// `module.`).
public struct Checkpoint: StoredArraySource {
  public let path: String
  public let byteCount: Int
  /// See `TorchArchive.fingerprint` and `SafetensorsArchive.fingerprint`.
  public let fingerprint: String
  public let arrayNames: [String]
  /// Entries of the weights that can't be read as dense numbers, in file order.
  public let unreadableNames: [String]
  /// Weights that are kept as nested lists of numbers or as sparse tensors, in file order.
  public let convertedNames: [String]
  /// The name of each weight in the file, with the names of wrappers.
  public let fileNames: [String: String]
  /// What was taken off the names besides the names of wrappers, with its last dot; nil where nothing was.
  public let prefix: String?
  /// All of `hyper_parameters`; an empty map where the file has none.
  public let hyperParameters: ConfigNode
  /// The name of the set of weights that is read, and whether it is an average over training steps.
  public let weights: (name: String, isAveraged: Bool)
  /// The other sets of weights in the file.
  public let otherWeights: [(name: String, isAveraged: Bool)]
  public let epoch: Int?
  public let globalStep: Int?
  public let lightningVersion: String?
  /// The quantity by which Lightning's ModelCheckpoint selected the file.
  public let monitor: String?
  /// The monitored quantity when the file was written.
  /// - Undefined: nil where no ModelCheckpoint wrote the file, or its score can't be read.
  public let score: Double?
  private let entries: [String: CheckpointEntry]
  private let foundConfiguration: Result<ConfigNode?, Failure>

  public init(path: String, selection: WeightSelection = WeightSelection()) throws {
    try self.init(CandidateFile(path: path), selection: selection)
  }

  /// - Throws: `format` for a file that holds no weights; as `init(archive:)`.
  public init(_ file: CandidateFile, selection: WeightSelection = WeightSelection()) throws {
    if let archive = try file.safetensors() {
      try self.init(archive: archive, selection: selection)
    } else if let archive = try file.torch() {
      try self.init(archive: archive, selection: selection)
    } else {
      throw ForeignFile.refusal(file.path)
    }
  }

  /// - Throws: `format` where the archive holds no weights, `missing` where it has no such set or prefix.
  public init(archive: TorchArchive, selection: WeightSelection = WeightSelection()) throws {
    path = archive.path
    byteCount = archive.size
    fingerprint = archive.fingerprint
    let root = archive.root
    let sets = WeightSets.find(root)
    guard let main = sets.first else { throw Self.noWeights(archive) }
    let set = try Self.choose(selection.set, among: sets, archive.path) ?? main
    weights = (set.name, set.isAveraged)
    otherWeights = sets.filter { $0.name != set.name }.map { ($0.name, $0.isAveraged) }
    let named = set.entries.map { (full: $0.name, entry: CheckpointEntry.torch(StoredWeight($0.value), archive)) }
    let entries = try CheckpointEntries(named, prefix: selection.prefix, path: archive.path)
    prefix = CheckpointEntries.prefix(selection.prefix)
    (arrayNames, unreadableNames, convertedNames) = (entries.readable, entries.unreadable, entries.converted)
    self.entries = entries.entries
    fileNames = entries.origins
    let settings = try CheckpointSettings(
      archive, weights: Set(sets.compactMap { $0.name.split(separator: ".").first }))
    hyperParameters = settings.hyperParameters
    foundConfiguration = settings.configuration
    epoch = root["epoch"]?.intValue
    globalStep = root["global_step"]?.intValue
    lightningVersion = root["pytorch-lightning_version"]?.stringValue
    let callback = (root["callbacks"]?.entries ?? []).first {
      $0.key.stringValue?.hasPrefix("ModelCheckpoint") ?? false
    }
    monitor = callback?.value["monitor"]?.stringValue
    score =
      callback?.value["current_score"]?.number(in: archive) ?? callback?.value["best_model_score"]?.number(in: archive)
  }

  /// - Throws: as `init(archive:)`.
  public init(archive: SafetensorsArchive, selection: WeightSelection = WeightSelection()) throws {
    path = archive.path
    byteCount = archive.byteCount
    fingerprint = archive.fingerprint
    let sets = WeightSets.find(archive.arrayNames.map { (name: $0, value: $0) })
    let set = try Self.choose(selection.set, among: sets, archive.path) ?? sets.first
    weights = (set?.name ?? WeightSets.whole, set?.isAveraged ?? false)
    otherWeights = sets.filter { $0.name != set?.name }.map { ($0.name, $0.isAveraged) }
    let named = (set?.entries ?? []).map { (full: $0.name, entry: CheckpointEntry.safetensors($0.value, archive)) }
    let entries = try CheckpointEntries(named, prefix: selection.prefix, path: archive.path)
    prefix = CheckpointEntries.prefix(selection.prefix)
    (arrayNames, unreadableNames, convertedNames) = (entries.readable, entries.unreadable, entries.converted)
    self.entries = entries.entries
    fileNames = entries.origins
    hyperParameters = archive.metadata
    foundConfiguration = CheckpointSettings.configuration(archive.metadata, [], origin: archive.path)
    (epoch, globalStep, lightningVersion, monitor, score) = (nil, nil, nil, nil, nil)
  }

  /// Whether the archive's tree is that of a checkpoint.
  public static func isCheckpoint(_ archive: TorchArchive) -> Bool { !WeightSets.find(archive.root).isEmpty }

  /// The model's configuration, as the trainer saved it; nil where the file has none.
  ///
  /// - Throws: `format` where it is text that is not YAML.
  public func storedConfiguration() throws -> ConfigNode? { try foundConfiguration.get() }

  /// The model's configuration; nil where the file has none that can be read.
  public var configuration: ConfigNode? { try? foundConfiguration.get() }

  /// The names of the weights in the file, without the names of wrappers but with any prefix that was taken off.
  public var unwrappedNames: [String] {
    (arrayNames + unreadableNames).compactMap { fileNames[$0] }.map(WrapperNames.stripped)
  }

  public var origin: String { path }
  public func info(_ name: String) -> ArrayInfo? { entries[name]?.info }

  public func stored(_ name: String) throws -> StoredArray {
    guard let entry = entries[name] else { throw unknown(name) }
    return try entry.stored(as: name)
  }

  public func obstacle(_ name: String) -> Failure? {
    guard let entry = entries[name], entry.info == nil else { return nil }
    do {
      _ = try entry.stored(as: name)
      return nil
    } catch { return error as? Failure }
  }

  /// The set that is asked for; nil where none is.
  private static func choose<Weight>(_ name: String?, among sets: [WeightSet<Weight>], _ path: String) throws
    -> WeightSet<Weight>?
  {
    guard let name else { return nil }
    // Older versions named the averages of a bare file `(all).ema`.
    if let set = sets.first(where: { $0.name == name || WeightSets.whole + "." + $0.name == name }) { return set }
    let ends = sets.filter { $0.name.hasSuffix("." + name) }
    guard let set = ends.first, ends.count == 1 else {
      throw Failure(
        .missing, "\(path) has no set of weights `\(name.shortened)`",
        hint: "it has \(sets.map { "`\($0.name)`" }.joined(separator: ", "))")
    }
    return set
  }

  private static func noWeights(_ archive: TorchArchive) -> Failure {
    let keys = (archive.root.entries ?? []).compactMap(\.key.stringValue)
    let listed = keys.prefix(8).map(\.shortened).joined(separator: ", ") + (keys.count > 8 ? ", …" : "")
    if DictDataset.isDictDataset(archive) {
      return Failure(
        .format, "\(archive.path) is not a checkpoint: it holds a dict without named weights",
        hint: "it is a recording's stimulus (.dset)")
    }
    if case .object(let module, let name, _, _) = archive.root.kind {
      if module.hasPrefix("__torch__") {
        return Failure(
          .unsupported, "\(archive.path) is a TorchScript program, which vcsh does not run",
          hint:
            "save its weights: `torch.save({\"state_dict\": torch.jit.load(FILE).state_dict()}, \"weights.pt\")`, then open that with --model"
        )
      }
      return Failure(
        .format, "\(archive.path) is not a checkpoint: it holds an object of \(module).\(name), not named weights",
        hint: "save the weights: `torch.save({\"state_dict\": model.state_dict()}, FILE)`")
    }
    return Failure(
      .format,
      "\(archive.path) is not a checkpoint: it holds \(archive.root.kindName) without named weights"
        + (keys.isEmpty ? "" : " (\(listed))"),
      hint:
        "weights are looked for under `state_dict`, `model_state_dict`, `model`, `module`, `net`, `ema_state_dict`, or as the file's own entries"
    )
  }
}
