import Base
import Formats
import Foundation
import Language
import Session
import Training
import Workspace

/// Trains a twin on recordings that are open.
struct TrainCommand: Command {
  static let signature = Signature("train", in: "training", "Trains a twin on open recordings, step by step")
    .effect(.changes)
    .argument("twin", .object(kinds: ["twin"]), "The twin to start from; its frozen parts stay as they are")
    .argument(
      "stimulus", .stimulus,
      "Stimuli of one recording or of several, with blanks or commas between them; by default those of the twin's own configuration that are open",
      keyword: "on", optional: true, repeating: true
    )
    .argument("name", .newName, "Name of the trained twin", keyword: "as", optional: true)
    .flag(
      "sampler", .choice(SampledBatches.Composition.allCases.map(\.rawValue)),
      default: .string(SampledBatches.Composition.sessions.rawValue),
      "How a batch is put together: frames of one session, or of all in proportion to their sizes"
    )
    .flag("batches", .path, "A recorded order of batches (.npz) in place of a sampler")
    .flag("epochs", .int, default: .int(1), "Passes over the training frames; with --steps as many as the steps need")
    .flag("epoch-steps", .int, "Steps of an epoch, in place of one pass over the training frames")
    .flag("steps", .int, "Total number of steps; with --epochs, the maximum")
    .flag("batch-size", .int, default: .int(64), "Frames of a batch; under `lbfgs` all training frames by default")
    .flag("accumulate", .int, default: .int(1), "Batches whose gradients are averaged for a step")
    .flag("lr", .float, default: .double(1e-3), "Learning rate; under `lbfgs` the first size of a step, 1 by default")
    .flag(
      "core-lr-scale", .float, default: .double(1), "Factor on the learning rate of frontend, convnet and modulator"
    )
    .flag("weight-decay", .float, default: .double(1e-5), "Decoupled weight decay of weights with several axes")
    .flag("clip", .float, "Largest norm of the gradient; without it gradients are not clipped")
    .flag(
      "schedule", .choice(ScheduleOptions.names), default: .string("none"),
      "How the learning rate changes over epochs"
    )
    .flag("warmup", .int, "Epochs in which the learning rate rises from 0; 5 by default")
    .flag(
      "restart-period", .int, "Epochs from one restart to the next; half of the epochs after the warm-up by default"
    )
    .flag("lr-every", .int, "Epochs after which `--schedule step` lowers the learning rate; 30 by default")
    .flag("lr-factor", .float, "What `--schedule step` and `plateau` multiply the learning rate by; 0.5 by default")
    .flag(
      "lr-patience", .int,
      "Validations without a better loss that `--schedule plateau` accepts before it lowers the rate; 3 by default"
    )
    .flag(
      "optimiser", .choice(TrainingSettings.OptimiserKind.allCases.map(\.rawValue)), default: .string("adamw"),
      "How gradients move the parameters; `lbfgs` takes the same frames in every step and is for small parts, such as readouts"
    )
    .flag("continue-optimiser", "Go on from AdamW's state in the checkpoint")
    .flag("no-proximal", "Leave out the proximal steps of the model's `regularization`")
    .flag("rate-weight", .float, default: .double(0), "Weigh cells by their mean rate to the power of minus this")
    .flag("corr", .float, default: .double(0), "Add this times (1 - correlation over the batch), mean over cells")
    .flag(
      "cells", .string,
      "Train on these cells alone: a condition over their scores on the training trials, e.g. \"bits_per_spike < 0.1\""
    )
    .flag(
      "teacher", .object(kinds: ["twin"]),
      "Learn this twin's rates in place of the recorded counts; held-out scores are against its rates too"
    )
    .flag("init-bias", "Start each readout bias at its cell's mean count, as VisionCore's trainer does")
    .flag(
      "penalty", .string, "Penalties on the frontend's kernels, NAME=WEIGHT with commas between them; see `penalties`"
    )
    .flag("zero-sum-kernels", "After each step, project the frontend's stored kernels so that those that act sum to 0")
    .flag("minutes", .float, "Time for all of the training, in place of --epochs: as many steps as fit are taken")
    .flag("val-every", .int, default: .int(1), "Epochs from one validation to the next; 0 for none")
    .flag("patience", .int, "End after this many validations without a better mean held-out score")
    .flag(
      "split", .string,
      "Shares of training, validation and test trials, e.g. 0.7,0.15,0.15; by default the recording's own two parts"
    )
    .flag("tensorboard", .path, "Write an event file for TensorBoard into this folder")
    .flag("fast", .string, "A recipe to run on the twin of each N-th epoch, with its parameters; see `watch`")
    .flag(
      "every", of: "fast", written: "every", .int, default: .int(3), "Epochs from one twin of --fast to the next"
    )
    .flag("slow", .string, "A second recipe, for what takes longer")
    .flag(
      "slow-every", of: "slow", written: "every", .int, default: .int(12), "Epochs from one twin of --slow to the next"
    )
    .flag("seed", .int, default: .int(1002), "Seed of the order of batches and of dropout")
    .behavior()
    .replace()
    .writes("tensorboard")
    .names("name", kinds: ["twin"], always: true)
    .returns(.table(columns.signatures))
    .searchTerms(
      "fit", "fine-tune", "finetune", "learn", "gradient", "adam", "adamw", "epoch", "optimizer", "learning rate"
    )
    .details(
      """
      Every step takes a batch of training frames, computes the masked Poisson loss, its gradient with respect to all \
      parameters that are not frozen, and moves them. `freeze TWIN core` before it trains adapters and readouts alone. The \
      core (frontend, convnet, modulator) can learn at a rate of its own, and only weights with several axes decay: these \
      are VisionCore's groups. The penalties and proximal steps of the model's own `regularization` act in every step.

      One pass over the data shows every training frame once, in a new order each time. The loss of a batch of several \
      sessions is the plain mean over the sessions. `--batches` replays an order from a file with `row_step`, `row_epoch`, \
      `row_micro`, `row_dataset` and `row_frames`, and `lr` for the learning rate of every step and group.

      Before the first step a table says for every setting its value, where the value comes from, and what it touches. A flag \
      that would do nothing is an error. `--schedule step` and `plateau` lower the learning rate by a factor, every few epochs \
      or where the held-out loss no longer improves; the cosines end at 0. `--cells` selects cells by the scores that `eval … \
      --split train` shows: held-out trials are not used.

      `--optimiser lbfgs` minimises the loss over all training frames, or over --batch-size of them, each step being one \
      iteration with a line search. It has no weight decay, clipping, schedule or proximal steps, and refuses parts of more than \
      100,000 values.

      After each epoch vcsh scores the held-out trials, which no step of this training has seen. The trained twin has the tensors after the \
      last epoch; where another epoch scored better, NAME-best has its tensors. Choosing an epoch by its held-out score makes \
      that score a little too good. Before its first step vcsh scores the start too, unless --minutes limits the time, and says \
      so where no epoch beats it. `--split 0.7,0.15,0.15` keeps test trials that neither steps nor validations see, and \
      scores them once at the end. Its training part may be no larger than the recording's own, so that `eval` never scores a \
      trial that was trained on. A note says how many of the other trials belong to the training part of the recording's own \
      split: a twin that was trained on it has seen them.

      Each finished epoch is kept at once. Ctrl-C ends the training after its step; `resume NAME`, or the same command again, \
      goes on from the last finished epoch with the same result to the bit, also after the process was killed. `--minutes` \
      times a few steps and a validation first, fits the number of steps and the schedule to the time, and ends at the time in \
      any case; the steps that were taken are recorded. `--fast recipes/fast.vc --every 3` runs a recipe on the twin of every \
      third epoch, which it gets as a file in its parameter `checkpoint`, beside the training: one at a time, on the newest twin. \
      Its numbers are curves `fast/NAME` of the training. The same seed gives the same numbers to the last bit. `curves NAME` \
      shows losses and scores, step by step.
      """)

  static let examples = [
    Example(
      "train twin on sim/gaborium as tuned --steps 4 --batch-size 16 --replace", "Four steps on one recording"),
    Example(
      "freeze twin core; train twin on sim/gaborium as tuned --steps 4 --batch-size 16 --rate-weight 1 --replace",
      "Adapters and readouts alone, by a loss in which every cell counts for its spikes"),
  ]

  static let columns = TrainingRunner.columns

  func run(_ call: Call, in session: Session) throws -> Value {
    let started = ContinuousClock.now
    let name = try call.string("twin")
    let newName = try call.optionalString("name") ?? "\(name)-trained"
    if let unfinished = try ResumeCommand.unfinished(newName, of: call, in: session) {
      session.note("`\(newName)` is this training: it goes on after its last kept epoch")
      return try ResumeCommand.goOn(newName, unfinished, at: call.span(of: "name"), in: session)
    }
    let twin = try session.loadTwin(name, at: call.span(of: "twin"))
    try session.checkNew(newName, replacing: call.isSet("replace"), at: call.span(of: "name"))
    let best = KeptTraining.bestName(of: newName)
    if !call.isSet("replace"), !session.replacesNames, try session.workspace.lookup(best) != nil {
      throw Failure(
        .conflict, "the name `\(best)` is taken: the training may need it for its best epoch",
        hint: "choose another name with `as NAME`, or add --replace", span: call.span(of: "name"))
    }
    let job = try TrainingJob(call, from: twin, started: started, in: session)
    let trainer = try job.trainer()
    session.note(try TrainingPlan(call, trainer, job).lines.joined(separator: "\n"))
    let loop = try TrainingLoop(trainer, order: job.options.order, sets: job.sets, limits: job.limits)
    for (source, set) in zip(job.sources, job.sets) {
      _ = session.origin(twin, head: set.head, on: source, split: .train)
    }
    let record = TrainingRecord(
      start: twin, stimuli: job.labels, settings: job.settings, arguments: try Self.stored(call),
      folder: session.folder ?? FileManager.default.currentDirectoryPath, data: job.data.digests,
      entry: session.entry, stepLimit: job.stepLimit,
      fittedEpochs: job.fittedEpochs)
    let kept = KeptTraining(
      record, as: newName, from: twin, replacing: try session.workspace.lookup(newName)?.id, in: session)
    kept.dropsOldBest = try hasOldBest(best, in: session)
    return try TrainingRunner(
      job: job, kept: kept, events: try TrainingEvents(call, from: loop.progress, in: session),
      recipes: try TrainingRecipes(call, kept, in: session), session: session
    ).run(loop)
  }

  /// The arguments of a call, as a training keeps them.
  static func stored(_ call: Call) throws -> Data {
    try ValueCodec.encode(.record(Record(call.givenValues.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })))
  }

  /// The best epoch of a training that is replaced would else stand beside the new one.
  private func hasOldBest(_ name: String, in session: Session) throws -> Bool {
    guard let payload = try session.workspace.lookup(name)?.payload as? TwinPayload, payload.training != nil else {
      return false
    }
    return try session.trainingRecord(of: name, payload, at: nil).isBest
  }
}
