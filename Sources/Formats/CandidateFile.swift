import Base

/// A file or folder that is to be opened: what it is and what it holds, each parsed once and handed on.
public final class CandidateFile {
  public let path: String
  public let kind: FileKind
  /// Nil for a folder.
  private let recognised: RecognisedFile?
  private lazy var archive: Result<TorchArchive?, any Error> = Result {
    try recognised.flatMap { try kind.isTorch ? TorchArchive($0) : nil }
  }
  private lazy var arrays: Result<NpzArchive?, any Error> = Result {
    try recognised.flatMap { try kind == .npz ? NpzArchive($0.file, directory: $0.zip) : nil }
  }
  private lazy var tensors: Result<SafetensorsArchive?, any Error> = Result {
    try recognised.flatMap { try kind == .safetensors ? SafetensorsArchive($0.file) : nil }
  }
  private lazy var cache: Result<EvaluationCache?, any Error> = Result {
    try torch().flatMap { try EvaluationCache(archive: $0) }
  }

  /// - Throws: `missing` where nothing is at `path`, naming the sibling that was probably meant.
  public init(path: String) throws {
    self.path = path
    recognised = try RecognisedFile.at(path)
    kind = recognised?.kind ?? .directory
  }

  /// Why a text that ends as a pickle of protocol 0 or 1 is none; nil for other files.
  package var pickleFailure: Failure? {
    if case .failure(let failure)? = recognised?.textPickle { failure } else { nil }
  }

  /// A file of `torch.save`, or a plain pickle; nil for other files.
  public func torch() throws -> TorchArchive? { try archive.get() }

  /// Named arrays; nil for other files.
  public func npz() throws -> NpzArchive? { try arrays.get() }

  /// Named tensors; nil for other files.
  public func safetensors() throws -> SafetensorsArchive? { try tensors.get() }

  /// What VisionCore's evaluation saved; nil for other files.
  public func evaluationCache() throws -> EvaluationCache? { try cache.get() }
}
