import Base
import Language
import Runs
import Session

/// What each setting does to the score of runs.
struct EffectsCommand: Command {
  static let signature = Signature(
    "effects", in: "training", "What each setting of a sweep does to the score of its runs"
  )
  .argument("set", .object(kinds: ["runs"]), "A set of runs that `open FOLDER` made")
  .flag("metric", .word("metric"), "The metric, by its best value in a run; by default the one that ranks most runs")
  .flag(
    "better", .choice(["lower", "higher"]),
    "Whether lower or higher values are better; by default lower for losses and errors, else higher"
  )
  .flag("axes", .string, "Settings to compare, with commas between them; by default all that vary")
  .flag(
    "cells",
    "Compare cell by cell, by the stored scores of the twins that were opened from the runs' checkpoints; --metric is then a metric of `eval`, by default bits_per_spike"
  )
  .flag("interactions", "Also compare the effect of each setting between the levels of each other one")
  .returns(.table(columns.signatures))
  .searchTerms(
    "sweep", "grid", "ablation", "hyperparameters", "importance", "interaction", "seed", "variance", "compare runs",
    "anova"
  )
  .details(
    """
    A row compares a level of a setting with the setting's reference: the lowest number, or else the level that most runs \
    have. `paired` is the mean difference between runs that are the same in all other settings and in their seed, with the \
    95 % interval of Student's t over these pairs. Where seeds never meet, runs that differ only in their seed are averaged \
    first. Where fewer than two pairs exist, the row says `unpaired`: it is the difference of the means of all runs, with \
    Welch's interval, and other settings may have a part in it. A number with more than 6 values is split at its median.

    `share` is the part of the scores' variance (sum of squares around the mean) that goes with a setting, with the seed \
    (runs around the mean of those that are the same in all but their seed), and with the rest: interactions, settings that \
    --axes leaves out, differences within the halves of a number, and the seed where no run was repeated. The shares of the \
    first rows of all settings, of the seed and of the rest add up to 1. A setting's share is the mean over all orders in \
    which the settings can enter a least-squares fit; in a whole grid every order gives the same. `chance` is the share that \
    it would have on average if the scores had nothing to do with the settings: a share near it says nothing.

    --cells compares twins instead of logs. Open the runs' checkpoints (`best RUN as TWIN`) and evaluate them on the same \
    stimulus (`eval`): each effect is then a mean over cells of the same cell's difference, and its interval holds what \
    differs from cell to cell and, with two pairs or more, from run to run. Only cells count that have a score in every run. \
    Scores of different stimuli, splits, variants or versions of the metric are never compared with each other, and an edited \
    or refitted twin does not stand for its run.

    Runs that failed, were killed, are still running, diverged, or have no such metric are left out, and a run that lies there \
    twice counts once: a note names them. Runs whose data or splits differ (settings whose names hold `dataset`, `data_dir` or \
    `split`) are compared apart, with a row for each; name the setting in --axes to compare them.
    """)

  static let examples = [
    Example(
      "open runs as grid --glob 'resnet*'; effects grid --axes norm,lr",
      "What norm and learning rate do in the demo's grid"),
    Example(
      "open runs as grid --glob 'resnet*'; effects grid --axes norm,lr --interactions | where axis == \"lr:norm\"",
      "Whether the norm matters more at one learning rate"),
  ]

  static let columns = TableShape<AxisEffects.Row>([
    .string(
      "axis",
      "The setting; two of them as `a:b` for an interaction; the rows of the seed and of the `rest` have only shares"
    ) {
      $0.axis
    },
    .string("level", "The level that is compared") { $0.level },
    .string("against", "The reference") { $0.against },
    .float(
      "effect", "Score at the level minus score at the reference; of an interaction, the difference of two effects"
    ) {
      $0.effect
    },
    .float("lower", "Lower end of the 95 % interval; null for fewer than two pairs") { $0.lower },
    .float("upper", "Upper end of the 95 % interval") { $0.upper },
    .int("cells", "Cells that were compared; null without --cells") { $0.cells },
    .string("comparison", "paired, or unpaired where no pairs exist") { $0.comparison?.rawValue },
    .int("count", "Pairs; of an unpaired comparison, runs; of the seed, groups of runs; of the rest, all runs") {
      $0.count
    },
    .float("share", "Part of the scores' variance; the same in all rows of a setting") { $0.share },
    .float("chance", "The share on average where scores have nothing to do with the settings") { $0.byChance },
    .string("data", "Data of the runs, where it varies, and with --cells what was scored; else null") {
      $0.data.isEmpty ? nil : $0.data
    },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    let span = call.span(of: "set")
    let runs = try session.runSet(named: try call.string("set"), at: span)
    let axes = try call.optionalString("axes").map(ListText.elements)
    let isByCell = call.isSet("cells")
    let metric = try isByCell ? EvaluatedRuns.metric(call) : RunMetric.chosen(call, runs)
    let compared: ComparedRuns
    let effects: AxisEffects
    do {
      compared =
        isByCell
        ? try EvaluatedRuns.compared(metric, runs, asked: axes ?? [], in: session)
        : try RunMetric.compared(metric, runs, asked: axes ?? [], in: session)
    } catch let failure as Failure {
      throw failure.located(at: span)
    }
    do {
      effects = try AxisEffects(compared, axes: axes, interactions: call.isSet("interactions"))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "axes"))
    }
    let way = "\(metric.name), \(metric.isLowerBetter ? "lower" : "higher") is better"
    let seed =
      effects.rows.contains { $0.level == nil && $0.axis != AxisEffects.rest }
      ? [] : ["no two runs differ in their seed alone: how much the seed does is unknown"]
    return .table(
      Self.columns.table(
        effects.rows,
        note: (["\(way); \(compared.entries.count) runs"] + seed + effects.remarks).joined(separator: "; ")))
  }
}
