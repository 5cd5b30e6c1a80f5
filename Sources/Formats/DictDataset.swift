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
    for (key, value) in covariates {
      guard let name = key.stringValue else { continue }
      guard let reference = value.tensorReference else {
        throw Failure(
          .unsupported, "\(archive.path): covariate `\(name)` must be a tensor of numbers, not \(value.kindName)")
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
    frameCount = frames
    metadata =
      try archive.root["metadata"]?.configuration(origin: "\(archive.path): metadata") {
        archive.numbers($0)
      } ?? .map([])
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
