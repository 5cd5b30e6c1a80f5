import Base
import Language
import Session
import Training
import Workspace

/// The trainings of this workspace.
struct RunsCommand: Command {
  static let signature = Signature(
    "runs", in: "training", "Twins that were trained here, with their best held-out scores"
  )
  .returns(.table(columns.signatures))
  .searchTerms("trainings", "trained", "experiments", "history", "list")
  .details(
    """
    A row is a training whose twin has a name. A training that is not finished goes on with `resume RUN`: it was stopped by \
    Ctrl-C (stopped), its process has ended (interrupted), or a failure has ended it (failed). `show RUN` shows its settings \
    and epochs, `curves RUN` its numbers step by step, `lineage RUN` how it was made.
    """)

  static let examples = [
    Example(
      "train twin on sim/gaborium as tuned --steps 4 --batch-size 16 --replace; runs",
      "After a short training")
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
    .float("train_loss", unit: "nats/bin", "Loss of the last step's batch") { $0.scores("train_loss").last },
    .float("best_val_bits_per_spike", unit: "bits/spike", "Best held-out score: mean over cells, then over sessions") {
      $0.scores("val_bits_per_spike").max()
    },
    .string("settings", "Every setting with its value") { $0.record.settings.joined(separator: ", ") },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    let rows = try session.workspace.names(kinds: [.twin]).compactMap { named -> Row? in
      let record = try session.lookup(named.name, kinds: [.twin])
      guard let payload = record.payload as? TwinPayload, payload.training != nil else { return nil }
      let training = try session.trainingRecord(of: named.name, payload, at: nil)
      guard !training.isBest else { return nil }
      return Row(name: named.name, record: training, state: try session.trainingState(training, record))
    }
    let open = rows.filter { ![.finished, .running].contains($0.state) }.map { "`resume \($0.name)`" }
    return .table(
      Self.columns.table(rows, note: open.isEmpty ? nil : "\(open.joined(separator: ", ")) goes on where it has ended"))
  }
}
