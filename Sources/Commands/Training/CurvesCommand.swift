import Base
import Language
import Session
import Training
import Workspace

/// Numbers of trainings, step by step and epoch by epoch.
struct CurvesCommand: Command {
  static let signature = Signature("curves", in: "training", "Losses, scores and learning rates of trainings")
    .argument(
      "runs", .object(kinds: ["twin"]), "Twins that `train` made, with blanks or commas between them", repeating: true
    )
    .flag(
      "metric", .word("metric"), "Only these metrics, with commas between them; `train_loss`, `val_bits_per_spike`, …"
    )
    .returns(.table(columns.signatures))
    .searchTerms("loss", "curve", "history", "training", "progress", "epoch", "learning curve")
    .details(
      """
      A row is one number: `train_loss`, `grad_norm`, `lr` and `lr_core` of every step, `val_loss` and `val_bits_per_spike` \
      of every validated epoch, as the mean over sessions and with `/SESSION` for each. The loss of a step is that of its \
      batch before the step. `curves NAME --metric train_loss | plot x=step y=value` draws it.
      """)

  static let examples = [
    Example(
      "train twin on sim/gaborium as tuned --steps 4 --batch-size 16 --replace; curves tuned --metric train_loss",
      "The loss of each step")
  ]

  struct Row {
    var run: String
    var row: TrainingCurve.Row
  }

  static let columns = TableShape<Row>([
    .string("run", "The trained twin") { $0.run },
    .string("metric", "What the number is") { $0.row.metric },
    .int("step", "Steps taken, from 1") { $0.row.step },
    .int("epoch", "From 0") { $0.row.epoch },
    .float("value", "The number; null where it is undefined") { $0.row.value },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    let names = call.strings("runs").flatMap { $0.split(separator: ",").map(String.init) }
    let wanted = try call.optionalString("metric")?.split(separator: ",").map(String.init)
    var rows: [Row] = []
    for name in names {
      let record = try session.lookup(name, kinds: [.twin], at: call.span(of: "runs"))
      guard let payload = record.payload as? TwinPayload else { continue }
      session.changes.inputs.append(.init(role: "twin", version: record.id, detail: name))
      let training = try session.trainingRecord(of: name, payload, at: call.span(of: "runs"))
      if let unknown = wanted?.first(where: { metric in !training.curve.rows.contains { $0.metric == metric } }) {
        let known = training.curve.rows.map(\.metric).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        throw Failure(
          .missing, "`\(name)` has no metric `\(unknown.shortened)`",
          hint: Suggestion.hint(for: unknown, among: known) ?? "it has \(known.joined(separator: ", "))",
          span: call.span(of: "metric"))
      }
      rows += training.curve.rows.filter { wanted?.contains($0.metric) ?? true }.map { Row(run: name, row: $0) }
    }
    return .table(Self.columns.table(rows))
  }
}
