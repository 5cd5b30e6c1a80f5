import Base
import RunLogs

/// Runs whose checkpoints were scored cell by cell, by the same metric on the same bins.
///
/// Scores of another stimulus, split or variant are another ground, and are compared apart. Of a ground only cells count that
/// have a score in all of its runs, so that every run has the same cells.
public enum CellScoredRuns {
  /// What a score depends on besides the run and the cell.
  public struct Ground: Hashable, Comparable, Sendable {
    public var stimulus: String
    public var split: String
    /// How the rates were made, null model and options of the metric.
    public var variant: String

    public init(stimulus: String, split: String, variant: String) {
      (self.stimulus, self.split, self.variant) = (stimulus, split, variant)
    }

    public static func < (a: Self, b: Self) -> Bool {
      (a.stimulus, a.split, a.variant) < (b.stimulus, b.split, b.variant)
    }

    public var text: String { "\(stimulus) \(split), \(variant)" }
  }

  /// A cell's score in a run.
  public struct Score: Sendable {
    public var run: String
    public var ground: Ground
    /// Its session and its id there.
    public var cell: String
    public var value: Double?

    public init(run: String, ground: Ground, cell: String, value: Double?) {
      (self.run, self.ground, self.cell, self.value) = (run, ground, cell, value)
    }
  }

  /// - Parameters:
  ///   - asked: as in `ComparedRuns`.
  ///   - isDiverged: as there.
  /// - Throws: `undefined` where no ground has two runs with a cell in common.
  public static func compared(
    _ scores: [Score], _ runs: [RunSummary], metric: RankingMetric, asked: Set<String> = [],
    isDiverged: (RunSummary) throws -> Bool = { _ in false }
  ) throws -> ComparedRuns {
    var all: ComparedRuns?
    var remarks: [String] = []
    for (ground, scores) in Dictionary(grouping: scores, by: \.ground).sorted(by: { $0.key < $1.key }) {
      let byRun = Dictionary(grouping: scores, by: \.run).mapValues { scores in
        Dictionary(scores.compactMap { score in score.value.map { (score.cell, $0) } }, uniquingKeysWith: { $1 })
      }
      let seen = Set(byRun.values.flatMap(\.keys))
      let common = seen.filter { cell in byRun.values.allSatisfy { $0[cell]?.isFinite ?? false } }.sorted()
      guard byRun.count > 1, !common.isEmpty else {
        remarks.append(
          "\(ground.text): \(byRun.count > 1 ? "its runs have no cell in common" : "only one run was evaluated there")")
        continue
      }
      if common.count < seen.count {
        remarks.append(
          "\(ground.text): \(seen.count - common.count) of \(seen.count) cells left out, which have no score in some run"
        )
      }
      var part: ComparedRuns
      do {
        part = try ComparedRuns(
          runs.filter { byRun[$0.run] != nil }, metric: metric, asked: asked, isDiverged: isDiverged
        ) { run in
          byRun[run.run].map { values in common.reduce(0) { $0 + (values[$1] ?? 0) } / Double(common.count) }
        }
      } catch let failure as Failure where failure.kind == .undefined {
        remarks.append("\(ground.text): \(failure.hint ?? failure.message)")
        continue
      }
      part.entries = part.entries.map { entry in
        var entry = entry
        entry.cells = common.compactMap { byRun[entry.run]?[$0] }
        entry.data = ground.text + (entry.data.isEmpty ? "" : "; " + entry.data)
        return entry
      }
      all = all.map { $0.joined(with: part) } ?? part
    }
    guard var all else {
      throw Failure(
        .undefined, "no two runs were evaluated on the same stimulus and cells",
        hint: remarks.isEmpty
          ? "open their checkpoints with `best RUN as TWIN`, then `eval TWIN on REC/STIM`"
          : remarks.joined(separator: "; "))
    }
    let missing = runs.filter { run in !scores.contains { $0.run == run.run } }
    if !missing.isEmpty { remarks.append("\(ComparedRuns.named(missing.map(\.run))): not evaluated as a twin") }
    all.remarks += remarks
    return all
  }
}

extension ComparedRuns {
  /// The entries of both; they keep their data, and so stay apart.
  fileprivate func joined(with other: ComparedRuns) -> ComparedRuns {
    var both = self
    both.entries += other.entries
    both.settings += other.settings.filter { !settings.contains($0) }
    both.seeds += other.seeds.filter { !seeds.contains($0) }
    both.remarks += other.remarks.filter { !remarks.contains($0) }
    return both
  }
}
