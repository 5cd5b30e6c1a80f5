import Base
import Language
import Runs
import Session
import Training
import Workspace

/// The trainings of this workspace.
struct RunsCommand: Command {
  static let signature = Signature(
    "runs", in: "training", "Twins that were trained here, or the runs that another tool left in a folder"
  )
  .argument("set", .object(kinds: ["runs"]), "A set of runs that `open FOLDER` made", optional: true)
  .returns(.table(columns.signatures))
  .returns([], when: .given("set"))
  .searchTerms(
    "trainings", "trained", "experiments", "history", "list", "wandb", "tensorboard", "mlflow", "lightning", "ray"
  )
  .details(
    """
    Without an argument, a row is a training whose twin has a name. A training that is not finished goes on with `resume RUN`: \
    it was stopped by Ctrl-C (stopped), its process has ended (interrupted), or a failure has ended it (failed). `show RUN` \
    shows its settings and epochs, `curves RUN` its numbers step by step, `lineage RUN` how it was made.

    With a set, a row is a run of another tool, as `open FOLDER as SET` shows it: `run, kind, state, epochs, best, when, hours, \
    metric, note`, then a column for each setting that varies. Only logs that have grown since the last look are read again. \
    The state is what the tool left behind: an exit record (W&B), a status (MLflow, Ray), EarlyStopping or a schedule in a \
    checkpoint, a log that ends within an epoch (killed) or that grew within the last 10 minutes (running). Where there is none of \
    these, the planned epochs count: a run that has them all is finished, and one that lacks some and has been silent for long \
    was killed or stopped (killed). Else the state is `can't tell`. `show RUN` gives the evidence. Logs of one W&B id that lie \
    side by side are one run: from its first step on the later log counts.
    """)

  static let examples = [
    Example(
      "train twin on sim/gaborium as tuned --steps 4 --batch-size 16 --replace; runs",
      "After a short training"),
    Example(
      "open runs as grid; runs grid | sort best --reverse | select run state epochs best",
      "Runs of another tool, the best first"
    ),
  ]

  struct Row {
    var name: String
    var record: TrainingRecord
    var state: TrainingState

    func scores(_ metric: String) -> [Double] { record.curve.rows.filter { $0.metric == metric }.compactMap(\.value) }
  }

  static let columns = TableShape<Row>([
    .string("run", "The trained twin") { $0.name },
    .string("state", "running, finished, stopped, interrupted or failed") { $0.state.rawValue },
    .string("start", "The twin that it was trained from") { $0.record.start },
    .string("stimuli", "What it was trained on") { $0.record.stimuli.joined(separator: " ") },
    .int("epochs", "Epochs that are finished and kept") { $0.record.progress.epochs.count },
    .int("steps", "Steps of these epochs") { $0.record.progress.stepsDone },
    .int("planned_steps", "Steps in all") { $0.record.stepLimit },
    .int("epoch", "Epoch whose tensors it has, from 0") {
      $0.record.progress.epochs.isEmpty ? nil : $0.record.epoch
    },
    .int("best_epoch", "Epoch with the best held-out score, from 0") { $0.record.bestEpoch },
    .float("train_loss", unit: "nats/bin", "Mean loss of the batches of the epoch whose tensors it has") {
      $0.record.trainLoss
    },
    .float("best_val_bits_per_spike", unit: "bits/spike", "Best held-out score: mean over cells, then over sessions") {
      $0.scores("val_bits_per_spike").max()
    },
    .string("settings", "Every setting with its value") { $0.record.settings.joined(separator: ", ") },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    if let name = try call.optionalString("set") {
      return .table(try session.runTable(named: name, at: call.span(of: "set")))
    }
    let rows = try session.workspace.names(kinds: [.twin]).compactMap { named -> Row? in
      let record = try session.lookup(named.name, kinds: [.twin])
      guard let payload = record.payload as? TwinPayload, payload.training != nil else { return nil }
      let training = try session.trainingRecord(of: named.name, payload, at: nil)
      guard !training.isBest else { return nil }
      return Row(name: named.name, record: training, state: try session.trainingState(training, record))
    }
    let open = rows.filter { ![.finished, .running].contains($0.state) }.map { "`resume \($0.name)`" }
    return .table(
      Self.columns.table(rows, note: open.isEmpty ? nil : "\(open.joined(separator: ", ")) continues where it ended"))
  }
}
