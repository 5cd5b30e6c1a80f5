import RunLogs

/// The tool that left a run.
public enum RunKind: String, Sendable, Codable, CaseIterable {
  case lightning, tensorboard, wandb, mlflow, ray
  /// Checkpoints without a log.
  case checkpoints
}

/// A run that was found in a folder: which files are its log.
public struct FoundRun: Sendable {
  public let kind: RunKind
  /// Relative to the folder that was searched; empty for that folder itself.
  public let folder: String
  /// The same in full.
  public let path: String
  /// The files of its log.
  public let files: [String]
  /// Everything in its folder.
  public let names: [String]
  /// Checkpoints that belong to it.
  public var checkpoints: [RunCheckpoint] = []
}
