import RunLogs

/// The tool that left a run.
public enum RunKind: String, Sendable, Codable, CaseIterable {
  case lightning, tensorboard, wandb, mlflow, ray
  /// Checkpoints without a log.
  case checkpoints
}

/// A run that was found in a folder: which files are its log.
struct FoundRun: Sendable {
  let kind: RunKind
  /// Relative to the folder that was searched; empty for that folder itself.
  let folder: String
  /// The files of its log.
  let files: [String]
  /// Everything in its folder.
  let names: [String]
  /// Checkpoints that belong to it.
  var checkpoints: [RunCheckpoint] = []
  /// What a later look needs of its folder.
  var place = FolderNames()
  /// That of its log, where it is known.
  var stamp: LogStamp?
  /// What its log says, where it was read while its folder was open.
  var reading: Reading?

  /// Handed on from list to list without a copy.
  final class Reading: Sendable {
    let summary: RunSummary

    init(_ summary: RunSummary) { self.summary = summary }
  }
}
