import Base

/// A file or folder that is to be opened: what it is and what it holds, each found out once and handed on.
public final class CandidateFile {
  public let path: String
  public let kind: FileKind
  private lazy var archive: Result<TorchArchive, any Error>? =
    kind.isTorch ? Result { try TorchArchive(path: path) } : nil
  private lazy var arrays: Result<NpzArchive, any Error>? = kind == .npz ? Result { try NpzArchive(path: path) } : nil
  private lazy var cache: Result<EvaluationCache?, any Error> = Result {
    try torch().flatMap { try EvaluationCache(archive: $0) }
  }

  /// - Throws: `missing` where nothing is at `path`.
  public init(path: String) throws {
    self.path = path
    kind = try FileKind.recognise(path)
  }

  /// A file of `torch.save`, or a plain pickle; nil for other files.
  public func torch() throws -> TorchArchive? { try archive?.get() }

  /// Named arrays; nil for other files.
  public func npz() throws -> NpzArchive? { try arrays?.get() }

  /// What VisionCore's evaluation saved; nil for other files.
  public func evaluationCache() throws -> EvaluationCache? { try cache.get() }
}

extension FileKind {
  /// Whether `TorchArchive` reads it.
  var isTorch: Bool { self == .torchZip || self == .torchLegacy || self == .pickle }
}
