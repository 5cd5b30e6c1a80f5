import Base

/// One stimulus of a recording (`.dset`): covariates whose first axis is time, and metadata.
///
/// Opening reads only the pickle, not the frames.
public struct DictDataset: StoredArraySource {
  public let archive: TorchArchive
  public let arrayNames: [String]
  public let metadata: ConfigNode
  /// Length of every covariate's first axis.
  public let frameCount: Int
  /// What should be known of covariates that are no tensors: labels that were numbered, and what was left out.
  public let remarks: [String]
  private let references: [String: TensorReference]

  public init(path: String) throws { try self.init(archive: TorchArchive(path: path)) }

  /// - Throws: `format` where the archive is not a dataset, `mismatch` where covariates differ in length.
  public init(archive: TorchArchive) throws {
    self.archive = archive
    guard let covariates = archive.root["covariates"]?.entries else {
      let isCheckpoint = Checkpoint.isCheckpoint(archive)
      throw Failure(
        .format, "\(archive.path) is not a .dset: it holds \(archive.root.kindName) without covariates",
        hint: isCheckpoint ? "it is a checkpoint" : nil)
    }
    var names: [String] = []
    var references: [String: TensorReference] = [:]
    var remarks: [String] = []
    for (key, value) in covariates {
      guard let name = key.stringValue else { continue }
      let labels = Self.labels.contains(name) ? Self.numbered(value) : nil
      if let labels {
        remarks.append(
          "\(archive.path): `\(name)` holds text: its \(labels.count) labels are numbered in the order in which they first appear"
        )
      }
      guard let reference = try value.tensorReference ?? labels?.reference ?? Self.dense(value, name, archive) else {
        guard Self.needed.contains(name) || StoredWeight.isTensor(value) else {
          remarks.append("\(archive.path): covariate `\(name.shortened)` is \(value.kindName), no tensor: not used")
          continue
        }
        if case .unreadable(let what, let remedy) = StoredWeight(value) {
          throw Failure(.unsupported, "\(archive.path): covariate `\(name)` \(what)", hint: remedy)
        }
        throw Failure(
          .unsupported, "\(archive.path): covariate `\(name)` is no plain tensor of numbers",
          hint: "save it as one: `torch.tensor(values)`")
      }
      guard references.updateValue(reference, forKey: name) == nil else {
        throw Failure(.format, "\(archive.path): two covariates are named `\(name)`")
      }
      names.append(name)
    }
    guard let first = names.first, let frames = references[first]?.shape.first else {
      throw Failure(.format, "\(archive.path): the covariates of this .dset have no time axis")
    }
    for name in names where references[name]?.shape.first != frames {
      let length = references[name]?.shape.first.map { "\($0) frames" } ?? "no time axis"
      throw Failure(.mismatch, "\(archive.path): covariate `\(name)` has \(length), but `\(first)` has \(frames)")
    }
    arrayNames = names
    self.references = references
    self.remarks = remarks
    frameCount = frames
    metadata =
      try archive.root["metadata"]?.configuration(origin: "\(archive.path): metadata") {
        archive.numbers($0)
      } ?? .map([])
  }

  /// What a recording can't do without, or would be read wrongly without.
  private static let needed = ["robs", "stim", "dfs"]
  /// Covariates that may be text, which names trials and their bins.
  private static let labels = ["trial_inds", "psth_inds"]

  /// A list of text as integers, by the order in which its labels first appear; nil for any other value.
  private static func numbered(_ value: PickleValue) -> (reference: TensorReference, count: Int)? {
    guard let texts = value.items?.map(\.stringValue), !texts.isEmpty else { return nil }
    var known: [String: Int64] = [:]
    var numbers: [Int64] = []
    for text in texts {
      guard let text else { return nil }
      let number = known[text] ?? Int64(known.count)
      known[text] = number
      numbers.append(number.littleEndian)
    }
    let reference = TensorReference(
      storage: .inline(numbers.withUnsafeBytes { Array($0) }), scalar: .int64, shape: [numbers.count], strides: [1],
      offset: 0, storageCount: numbers.count, isBigEndian: false)
    return (reference, known.count)
  }

  /// What a recording needs, stored sparse, as plain numbers in memory; nil for any other value.
  private static func dense(_ value: PickleValue, _ name: String, _ archive: TorchArchive) throws -> TensorReference? {
    guard needed.contains(name), case .sparse(let tensor) = StoredWeight(value) else { return nil }
    let numbers = try tensor.dense(in: archive, named: name).map { Float($0).bitPattern.littleEndian }
    return TensorReference(
      storage: .inline(numbers.withUnsafeBytes { Array($0) }), scalar: .float32, shape: tensor.shape,
      strides: StoredArray.strides(tensor.shape, isFortran: false) ?? [], offset: 0, storageCount: numbers.count,
      isBigEndian: false)
  }

  /// Whether the archive's tree is that of a dataset.
  public static func isDictDataset(_ archive: TorchArchive) -> Bool { archive.root["covariates"]?.entries != nil }

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
}
