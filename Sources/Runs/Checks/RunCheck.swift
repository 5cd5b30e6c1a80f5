import Base
import Foundation
import RunLogs

/// Looks for what is known to go wrong in trainings.
public enum RunCheck {
  /// - Throws: `interrupted`; what is wrong with the run's log.
  public static func faults(of run: RunSummary, in runs: RunSet) throws -> [RunFault] {
    guard !run.isBroken else { return [] }
    let log = try runs.log(run)
    let newest = run.checkpoints.sorted { ($0.isLast ? 1 : 0, $0.epoch ?? -1) > ($1.isLast ? 1 : 0, $1.epoch ?? -1) }
    let readable = newest.first { (try? CheckpointLog(path: $0.path)) != nil }
    let checkpoint = readable.flatMap { try? CheckpointLog(path: $0.path) }
    let folder = newest.first.map { ($0.path as NSString).deletingLastPathComponent } ?? runs.root + "/" + run.folder
    let settings = SettingsCheck(
      run: run, log: log, checkpoint: checkpoint, launch: LaunchFile.settings(near: folder), others: runs.runs)
    return CurveCheck(run: run, log: log).faults + settings.faults + PretrainedCheck(run: run).faults()
      + (try ClampCheck(run: run, path: readable?.path).faults())
  }

  /// Whether the log shows that a run diverged, also one that ended normally.
  ///
  /// - Throws: `interrupted`; what is wrong with the run's log.
  public static func isDiverged(_ run: RunSummary, in runs: RunSet) throws -> Bool {
    guard !run.isBroken, run.kind != .ray, run.kind != .checkpoints else { return false }
    return CurveCheck(run: run, log: try runs.log(run)).faults.contains { $0.name == .diverged }
  }

  /// Pairs among runs: names that differ where recorded configurations do not, and the other way round.
  public static func pairs(_ runs: [RunSummary]) -> [RunFault] {
    let usable = runs.filter { run in !run.isBroken && run.parameters.contains { !$0.isFromName } && run.kind != .ray }
    func configuration(_ run: RunSummary) -> String {
      run.parameters.filter { !$0.isFromName }.map { "\($0.name)=\($0.value.number.map(NumberText.exact) ?? $0.text)" }
        .sorted()
        .joined(separator: "\n")
    }
    var faults: [RunFault] = []
    for group in Dictionary(grouping: usable, by: configuration).values {
      let names = Set(group.map(\.experimentName)).sorted()
      guard names.count > 1, let first = group.min(by: { $0.run < $1.run }) else { continue }
      faults.append(
        RunFault(
          first.run, .sameConfiguration,
          "\(names.count) names have one recorded configuration: \(names.prefix(4).joined(separator: ", "))\(names.count > 4 ? ", …" : "")",
          remedy: "what the names say besides is recorded nowhere else"))
    }
    for group in Dictionary(grouping: usable, by: \.experimentName).values {
      guard Set(group.map(configuration)).count > 1, let first = group.min(by: { $0.run < $1.run }) else { continue }
      faults.append(
        RunFault(
          first.run, .sameName,
          "\(group.count) runs are named `\(first.experimentName)` and differ in their configurations",
          remedy: "`hparams SET` shows where"))
    }
    return faults.sorted { ($0.run, $0.name.rawValue) < ($1.run, $1.name.rawValue) }
  }
}
