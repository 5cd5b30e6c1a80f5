import Base
import Foundation
import Runs
import Workspace

/// A twin that holds a checkpoint of a run, as it is in the file.
package struct RunTwin {
  package let twin: NamedVersion
  package let run: RunSummary
}

extension Session {
  /// The twins that were opened from checkpoints of a set's runs. An edited, refitted or further trained twin is none: its
  /// scores tell nothing of the run.
  package func twins(of runs: RunSet) throws -> [RunTwin] {
    var owners: [String: RunSummary] = [:]
    for run in runs.runs {
      for checkpoint in run.checkpoints { owners[URL(filePath: checkpoint.path).standardizedFileURL.path] = run }
    }
    guard !owners.isEmpty else { return [] }
    return try workspace.names(kinds: [.twin]).compactMap { named in
      guard let payload = named.version.payload as? TwinPayload, payload.isAsInFile,
        let run = owners[workspace.absolute(path: payload.checkpoint.path)]
      else { return nil }
      return RunTwin(twin: named, run: run)
    }
  }
}

extension TwinPayload {
  /// Whether its weights and options are those of its file.
  fileprivate var isAsInFile: Bool {
    overlay == nil && dropped == nil && (edits ?? []).isEmpty && modelFile == nil && made == nil && training == nil
  }
}
