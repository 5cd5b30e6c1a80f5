import Base
import RunLogs

/// Finds the run that a resumed one goes on from: Lightning's CSV logger and W&B begin a folder of their own for it.
enum EarlierPart {
  /// - Parameter epoch: the first one of the resumed run's log.
  /// - Returns: the newest run of the same id, or of the same experiment and settings in an earlier `version_N`, that got as far.
  static func of(_ run: RunSummary, from epoch: Int, among runs: [RunSummary]) -> RunSummary? {
    let earlier = runs.compactMap { other -> (order: Int, folder: String, run: RunSummary)? in
      guard other.kind == run.kind, other.folder != run.folder, !other.isBroken, let epochs = other.epochs,
        epochs >= epoch
      else { return nil }
      if let id = run.id {
        return other.id == id && other.folder < run.folder ? (0, other.folder, other) : nil
      }
      guard other.experiment == run.experiment, let (mine, its) = versions(run, other), its < mine,
        recorded(other) == recorded(run)
      else { return nil }
      return (its, other.folder, other)
    }
    return earlier.max { ($0.order, $0.folder) < ($1.order, $1.folder) }?.run
  }

  private static func versions(_ run: RunSummary, _ other: RunSummary) -> (Int, Int)? {
    func version(_ run: RunSummary) -> Int? {
      let name = run.folder.lastComponent
      let prefix = "version_"
      return name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
    }
    guard let mine = version(run), let its = version(other) else { return nil }
    return (mine, its)
  }

  private static func recorded(_ run: RunSummary) -> [String: String] {
    Dictionary(run.parameters.lazy.filter { !$0.isFromName }.map { ($0.name, $0.text) }) { first, _ in first }
  }
}
