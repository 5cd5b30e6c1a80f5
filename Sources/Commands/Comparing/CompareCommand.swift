import Base
import Language
import Metrics
import Session

/// Compares twins cell by cell.
struct CompareCommand: Command {
  static let signature = Signature(
    "compare", in: "evaluation", "Compares twins cell by cell: paired differences, tests, effect size"
  )
  .argument(
    "subjects", .object(kinds: ["twin", "predictions"]), "The baseline, and what is compared with it", repeating: true
  )
  .argument(
    "stimulus", .stimulus, "Stimuli, of one recording or of several", keyword: "on", optional: true, repeating: true
  )
  .tableName()
  .frames()
  .flag("metric", .word("metric"), default: .string(BitsPerSpike.name), "The score")
  .flag("by", .choice(["session", "subject"]), "A row for each of these beside the row for all")
  .flag(
    "weight", .choice(CellGrouping.allCases.map(\.rawValue)), default: .string("cell"),
    "What counts alike in the means: cells, sessions or subjects"
  )
  .flag("cells", "One row a cell, those that moved most first")
  .flag("mixed", "Compare scores that are of different splits or bins")
  .replace()
  .returns(.table([]))
  .searchTerms("difference", "better", "wilcoxon", "paired", "test", "versus", "effect size", "significance", "fdr")
  .details(
    """
    Every twin is compared with the first, joined by session, stimulus and cid; a cell without both scores plays no part. \
    The difference is score minus baseline. Intervals are 95% bootstrap intervals over cells; p is of the Wilcoxon \
    signed-rank test, p_sign of the sign test, q the false-discovery rate over the table's rows (Benjamini and \
    Hochberg); effect_size is the rank-biserial correlation, d the mean difference by the differences' standard \
    deviation. With --cells: session, subject, stimulus, cid, rate_hz, twin, baseline, score, baseline_score, \
    difference, reason. A subject is what stands before the first underscore of a session's name.
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
    let sources = try call.strings("stimulus").map { try session.loadStimulus($0, at: call.span(of: "stimulus")) }
    let compared = try names.map { try session.comparedScores($0, on: sources, call: call, metric: metric) }
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
        hint: "cells are joined by session, stimulus and cid: `show NAME` tells them", span: call.span(of: "subjects"))
    }
    let table = call.isSet("cells") ? comparison.cells : comparison.summary
    try session.keep(table, for: call, parent: compared[0].version)
    return .table(table)
  }
}
