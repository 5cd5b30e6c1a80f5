import Base
import Language
import Metrics
import Session
import Workspace

/// Compares twins cell by cell.
struct CompareCommand: Command {
  static let signature = Signature(
    "compare", in: "evaluation", "Compares twins cell by cell: paired differences, tests, effect size"
  )
  .effect(.changes)
  .argument(
    "subjects", .object(kinds: ["twin", "predictions"]), "The baseline, then what you compare with it", repeating: true
  )
  .argument(
    "stimulus", .stimulus, "Stimuli, of one recording or of several", keyword: "on", optional: true, repeating: true
  )
  .tableName()
  .frames()
  .flag("metric", .word("metric"), default: .string(BitsPerSpike.name), "The score")
  .flag("by", .choice(["session", "subject"]), "Add a row for each session or subject to the row for all cells")
  .flag(
    "weight", .choice(CellGrouping.allCases.map(\.rawValue)), default: .string("cell"),
    "What has the same weight in the means: cells, sessions or subjects"
  )
  .flag("cells", "Return one row for each cell, the largest differences first")
  .flag("mixed", "Also compare scores of different splits or bins")
  .replace()
  .returns(.table(ComparisonTable.summaryColumns().signatures))
  .returns(ComparisonTable.cellColumns().signatures, when: .given("cells"))
  .searchTerms("difference", "better", "wilcoxon", "paired", "test", "versus", "effect size", "significance", "fdr")
  .details(
    """
    vcsh compares every twin with the first one. It joins their cells by session, stimulus and cid, and leaves out cells \
    that do not have both scores. Intervals are 95 % intervals over cells; fewer than 12 cells have no interval of their mean, \
    and fewer than 4 no test. The subject is the part of a session's name before the first underscore. The scores are kept for \
    `leaderboard` and `sql`.
    """)

  static let examples = [
    Example(
      "predict twin on sim/gaborium as raw --replace; compare raw twin on sim/gaborium",
      "Predictions beside the twin's own: no difference"),
    Example(
      "predict twin on sim/gaborium as raw --replace; compare raw twin on sim/gaborium --metric r --cells | head 5",
      "The cells that moved most"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let metric = try ChosenMetrics.single(call, flag: "metric")
    let names = call.strings("subjects")
    guard names.count >= 2 else {
      throw Failure(
        .usage, "compare needs at least two twins", hint: "compare BASELINE TWIN on REC/STIM",
        span: call.span(of: "subjects"))
    }
    if let twice = Dictionary(grouping: names, by: \.self).first(where: { $1.count > 1 })?.key {
      throw Failure(.usage, "`\(twice)` is named twice", span: call.span(of: "subjects"))
    }
    let sources = try call.stimulusLabels().map { try session.loadStimulus($0, at: call.span(of: "stimulus")) }
    let records = try names.map { try session.lookup($0, kinds: [.twin, .predictions], at: call.span(of: "subjects")) }
    let compared = try zip(names, records).map {
      try session.comparedScores($0, $1, on: sources, call: call, metric: metric)
    }
    if !call.isSet("mixed") {
      for other in compared.dropFirst() {
        do {
          try other.check(against: compared[0])
        } catch let failure as Failure {
          throw failure.located(at: call.span(of: "subjects"))
        }
      }
    }
    let comparison = ComparisonTable(
      baseline: compared[0], others: Array(compared.dropFirst()), metric: metric,
      by: try call.optionalString("by").flatMap(CellGrouping.init),
      weight: try CellGrouping(rawValue: call.string("weight")) ?? .cell)
    guard comparison.hasCommonCells else {
      throw Failure(
        .mismatch, "`\(names[0])` and the others have no cell in common",
        hint: "cells are joined by session, stimulus and cid: `show NAME` lists them", span: call.span(of: "subjects"))
    }
    let table = call.isSet("cells") ? comparison.cells : comparison.summary
    try session.keep(table, for: call, parent: records[0].id)
    return .table(table)
  }
}

extension Session {
  /// Scores of a twin on stimuli, or of stored predictions.
  fileprivate func comparedScores(
    _ name: String, _ record: VersionRecord, on sources: [LoadedStimulus], call: Call, metric: any Metric.Type
  ) throws -> ComparedScores {
    var compared = ComparedScores(name: name)
    let metrics: [any Metric.Type] = [SpikeCount.self, FiringRate.self, metric]
    func add(_ scored: ScoredSubject) {
      self.record(scored, metrics: metrics)
      compared.add(
        scored.scores, metric: metric, session: scored.origin.session, stimulus: scored.origin.stimulus,
        split: scored.origin.split)
    }
    if let payload = record.payload as? PredictionsPayload {
      let subject = try storedSubject(name, record, payload, split: call.isGiven("split") ? split(of: call) : nil)
      add(try scored(subject, metrics: metrics, options: .init()) { _ in nil })
      return compared
    }
    guard !sources.isEmpty else {
      throw Failure(
        .usage, "`\(name)` is a twin: name the stimulus, too", hint: "compare \(name) … on REC/STIM",
        span: call.span(of: "subjects"))
    }
    let twin = try loadTwin(name, record: record)
    for source in sources {
      add(
        try scored(
          twin, on: source.shown(to: twin, by: call), split: split(of: call), head: call.optionalString("head"),
          metrics: metrics))
    }
    return compared
  }
}
