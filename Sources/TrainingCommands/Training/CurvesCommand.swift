import Base
import Language
import RunLogs
import Runs
import Session
import Training
import Workspace

/// Numbers of trainings, step by step and epoch by epoch.
struct CurvesCommand: Command {
  static let signature = Signature("curves", in: "training", "Losses, scores and learning rates of trainings")
    .argument(
      "runs", .object(kinds: ["twin", "runs"]),
      "Twins that `train` made, runs of other tools, or sets of runs, with blanks or commas between them",
      repeating: true
    )
    .flag(
      "metric", .word("metric"), "Only these metrics, with commas between them; `train_loss`, `val_bits_per_spike`, …"
    )
    .flag(
      "smooth", .float,
      "Smooth each curve by an exponential moving average, as TensorBoard does: the weight of what came before, from 0 to below 1"
    )
    .returns(.table(columns.signatures))
    .searchTerms(
      "loss", "curve", "history", "training", "progress", "epoch", "learning curve", "tensorboard", "wandb", "mlflow"
    )
    .details(
      """
      A row is one number. For a twin that `train` made: `train_loss`, `grad_norm`, `lr` and `lr_core` of every step, `val_loss` \
      and `val_bits_per_spike` of every validated epoch, as the mean over sessions and with `/SESSION` for each. The loss of a \
      step is that of its batch before the step. For a run of another tool, which `open FOLDER` finds: everything that it \
      logged, with the steps of its log, and what the recipes of `watch` gave, as `fast/NAME` and `slow/NAME`. A run is named as in `runs SET`, by its id, or by a part of its name that no other run \
      has; `SET/RUN` names the set, too. `curves RUN --metric train_loss | plot x=step y=value --by run` draws it.
      """)

  static let examples = [
    Example(
      "train twin on sim/gaborium as tuned --steps 4 --batch-size 16 --replace; curves tuned --metric train_loss",
      "The loss of each step"),
    Example(
      "open runs as grid; curves grid/killed --metric val_bps_overall --smooth 0.6",
      "A score that another tool logged, smoothed"),
  ]

  struct Row {
    var run: String
    var metric: String
    var step: Int
    var epoch: Int?
    var value: Double?
  }

  static let columns = TableShape<Row>([
    .string("run", "The trained twin, or the run") { $0.run },
    .string("metric", "What the number is") { $0.metric },
    .int("step", "Steps taken, from 1; for a run of another tool the step in its log") { $0.step },
    .int("epoch", "From 0; null where the log does not say") { $0.epoch },
    .float("value", "The number; null where it is undefined") { $0.value },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    let wanted = try call.optionalString("metric")?.split(separator: ",").map(String.init)
    let smoothing = try call.optionalFloat("smooth")
    if let smoothing, !(0..<1).contains(smoothing) {
      throw Failure(.usage, "--smooth: the weight is at least 0 and below 1", span: call.span(of: "smooth"))
    }
    var rows: [Row] = []
    for word in call.strings("runs") {
      for curves in try curves(of: word, call, session) {
        if let unknown = wanted?.first(where: { metric in !curves.contains { $0.metric == metric } }) {
          let known = curves.map(\.metric).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
          throw Failure(
            .missing, "`\((curves.first?.run ?? word).shortened)` has no metric `\(unknown.shortened)`",
            hint: Suggestion.hint(for: unknown, among: known)
              ?? (known.isEmpty
                ? "nothing was logged"
                : "it has \(known.prefix(20).joined(separator: ", "))\(known.count > 20 ? ", …" : "")"),
            span: call.span(of: "metric"))
        }
        let kept = curves.filter { wanted?.contains($0.metric) ?? true }
        rows += smoothing.map { Self.smoothed(kept, $0) } ?? kept
      }
    }
    return .table(Self.columns.table(rows))
  }

  /// The rows of each run that a word means: a trained twin, else runs, else the runs between its commas.
  private func curves(of word: String, _ call: Call, _ session: Session) throws -> [[Row]] {
    let span = call.span(of: "runs")
    let kind = try session.workspace.lookup(word)?.kind
    if kind != .twin {
      let found = try session.runs(meantBy: word, at: span)
      // A set, or one run; several that only share a part of their names are an error below.
      if found.count == 1 || kind == .runs {
        return try found.map { named in
          if named.run.isBroken { return [] }
          let curves = try named.runs.log(named.run).curves + session.recipeCurves(of: named.run, in: named.runs)
          return Self.rows(curves, of: named.name)
        }
      }
      let parts = word.split(separator: ",").map(String.init)
      if parts.count > 1 { return try parts.flatMap { try curves(of: $0, call, session) } }
      if kind == nil, !(try session.workspace.names(kinds: [.runs])).isEmpty {
        _ = try session.run(meantBy: word, at: span)
      }
    }
    let record = try session.lookup(word, kinds: [.twin], at: span)
    guard let payload = record.payload as? TwinPayload else { return [] }
    session.changes.inputs.append(.init(role: "twin", version: record.id, detail: word))
    let training = try session.trainingRecord(of: word, payload, at: span)
    return [
      training.curve.rows.map { Row(run: word, metric: $0.metric, step: $0.step, epoch: $0.epoch, value: $0.value) }
        + Self.rows(try session.recipeCurves(ofTraining: training), of: word)
    ]
  }

  private static func rows(_ curves: [MetricCurve], of run: String) -> [Row] {
    curves.flatMap { curve in
      curve.values.indices.map {
        Row(
          run: run, metric: curve.name, step: curve.steps[$0], epoch: curve.epochs[$0],
          value: curve.values[$0].isNaN ? nil : curve.values[$0])
      }
    }
  }

  /// Each metric of each run by itself.
  private static func smoothed(_ rows: [Row], _ weight: Double) -> [Row] {
    var rows = rows
    for places in Dictionary(grouping: rows.indices, by: { rows[$0].metric }).values {
      let values = CurveSmoothing.smoothed(places.map { rows[$0].value }, weight: weight)
      for (place, value) in zip(places, values) { rows[place].value = value }
    }
    return rows
  }
}
