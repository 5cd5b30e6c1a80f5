import Base
import Foundation
import RunLogs
import Runs
import Workspace

/// What `watch` keeps in the workspace: a folder `watch`, with a small record for each watched folder and a file of results for
/// each run.
extension Session {
  private func watchFile(_ key: String, _ end: String) -> String {
    "\(workspace.root)/watch/\(Digest.of(key).prefix(24)).\(end)"
  }

  /// Where the record of the watch of a folder is; its folder is made.
  ///
  /// - Throws: `system` where it can't be made.
  package func watchRecordPath(of root: String) throws -> String {
    try makeWatchFolder()
    return watchFile("watch\n" + root, "record")
  }

  private func makeWatchFolder() throws {
    do {
      try FileManager.default.createDirectory(atPath: workspace.root + "/watch", withIntermediateDirectories: true)
    } catch {
      throw Failure(.system, "\(workspace.root)/watch: \(error.localizedDescription)")
    }
  }

  /// Where the results of the recipes of a training by vcsh are; their folder is made.
  ///
  /// - Throws: `system` where it can't be made.
  package func recipeResultsPath(ofTraining record: TrainingRecord) throws -> String {
    try makeWatchFolder()
    return watchFile("training\n\(record.entry)", "results")
  }

  /// What recipes gave on the epochs of a training by vcsh, as curves.
  package func recipeCurves(ofTraining record: TrainingRecord) throws -> [MetricCurve] {
    try RecipeResults(path: watchFile("training\n\(record.entry)", "results")).curves
  }

  /// Where the results of recipes on a run's checkpoints are. They belong to the run's own folder, whatever was opened.
  package func recipeResultsPath(of run: RunSummary, in runs: RunSet) -> String {
    let folder = URL(filePath: run.folder.isEmpty ? runs.root : runs.root + "/" + run.folder).standardizedFileURL.path
    return watchFile("run\n\(folder)\n\(run.kind.rawValue)\n\(run.id ?? "")", "results")
  }

  /// What recipes gave on a run's checkpoints, as curves.
  package func recipeCurves(of run: RunSummary, in runs: RunSet) throws -> [MetricCurve] {
    try RecipeResults(path: recipeResultsPath(of: run, in: runs)).curves
  }

  /// Alarms of all watches that are on.
  package func watchAlarms() -> [RunAlarm] {
    let folder = workspace.root + "/watch"
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.hasSuffix(".record")
    }
    return names.sorted().flatMap { name -> [RunAlarm] in
      guard let data = try? RegularFile(path: folder + "/" + name).contents(),
        let record = try? JSONDecoder().decode(WatchRecord.self, from: data)
      else { return [] }
      return record.board.alarms
    }
  }
}
