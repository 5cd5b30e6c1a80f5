import Base
import Formats
import Language
import Session
import Training
import Twin
import Workspace

/// Trains a twin on recordings that are open.
struct TrainCommand: Command {
  static let signature = Signature("train", in: "training", "Trains a twin on open recordings, step by step")
    .effect(.changes)
    .argument("twin", .object(kinds: ["twin"]), "The twin to start from; its frozen parts stay as they are")
    .argument(
      "stimulus", .stimulus, "Stimuli of one recording or of several, with blanks or commas between them",
      keyword: "on",
      repeating: true
    )
    .argument("name", .newName, "Name of the trained twin", keyword: "as", optional: true)
    .flag(
      "sampler", .choice(SampledBatches.Composition.allCases.map(\.rawValue)),
      default: .string(SampledBatches.Composition.sessions.rawValue),
      "How a batch is put together: frames of one session, or of all in proportion to their sizes"
    )
    .flag("batches", .path, "A recorded order of batches (.npz) in place of a sampler")
    .flag("epochs", .int, default: .int(1), "Passes over the training frames")
    .flag("epoch-steps", .int, "Steps of an epoch, in place of one pass over the training frames")
    .flag("steps", .int, "Largest number of steps in all")
    .flag("batch-size", .int, default: .int(64), "Frames of a batch")
    .flag("accumulate", .int, default: .int(1), "Batches whose gradients are averaged for a step")
    .flag("lr", .float, default: .double(1e-3), "Learning rate")
    .flag(
      "core-lr-scale", .float, default: .double(1), "Factor on the learning rate of frontend, convnet and modulator"
    )
    .flag("weight-decay", .float, default: .double(1e-5), "Decoupled weight decay of weights with several axes")
    .flag("clip", .float, "Largest norm of the gradient; without it gradients are not clipped")
    .flag(
      "schedule", .choice(["none", "cosine", "cosine_warmup", "cosine_warmup_restart"]), default: .string("none"),
      "How the learning rate goes on from epoch to epoch"
    )
    .flag("warmup", .int, "Epochs in which the learning rate rises from 0; 5 by default")
    .flag(
      "restart-period", .int, "Epochs from one restart to the next; half of the epochs after the warm-up by default"
    )
    .flag(
      "optimiser", .choice(TrainingSettings.OptimiserKind.allCases.map(\.rawValue)), default: .string("adamw"),
      "How gradients move the parameters"
    )
    .flag("continue-optimiser", "Go on from AdamW's state in the checkpoint")
    .flag("no-proximal", "Leave out the proximal steps of the model's `regularization`")
    .flag("rate-weight", .float, default: .double(0), "Weigh cells by their mean rate to the power of minus this")
    .flag("corr", .float, default: .double(0), "Add this times (1 - correlation over the batch), mean over cells")
    .flag(
      "penalty", .string, "Penalties on the frontend's kernels, NAME=WEIGHT with commas between them; see `penalties`"
    )
    .flag("zero-sum-kernels", "After each step, project the frontend's stored kernels so that those that act sum to 0")
    .flag("val-every", .int, default: .int(1), "Epochs from one validation to the next; 0 for none")
    .flag("seed", .int, default: .int(1002), "Seed of the order of batches and of dropout")
    .behavior()
    .replace()
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

      After each epoch vcsh scores the held-out trials, which no step has seen. The trained twin has the tensors after the \
      last epoch; where another epoch scored better, NAME-best has its tensors. Choosing an epoch by its held-out score makes \
      that score a little too good. The same seed gives the same numbers to the last bit. `curves NAME` shows losses and \
      scores, step by step.
      """)

  static let examples = [
    Example(
      "train twin on sim/gaborium as tuned --steps 4 --batch-size 16 --replace", "Four steps on one recording"),
    Example(
      "freeze twin core; train twin on sim/gaborium as tuned --steps 4 --batch-size 16 --rate-weight 1 --replace",
      "Adapters and readouts alone, by a loss in which every cell counts for its spikes"),
  ]

  struct Row {
    var epoch: TrainingLoop.Epoch
    var isBest: Bool
  }

  static let columns = TableShape<Row>([
    .int("epoch", "From 0") { $0.epoch.number },
    .int("steps", "Steps of the epoch") { $0.epoch.steps },
    .float("train_loss", unit: "nats/bin", "Mean loss of its batches, each before its step") { $0.epoch.trainLoss },
    .float("grad_norm", "Largest norm of the gradient, before clipping") { $0.epoch.gradientNorm },
    .float("lr", "Learning rate of the heads in the last step") { $0.epoch.rate },
    .float("val_loss", unit: "nats/bin", "Loss on held-out trials, mean over sessions") {
      $0.epoch.validation.mean(\.loss)
    },
    .float("val_bits_per_spike", unit: "bits/spike", "Score on held-out trials: mean over cells, then over sessions") {
      $0.epoch.validation.mean(\.bitsPerSpike)
    },
    .bool("best", "Whether its held-out score is the best") { $0.isBest },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("twin")
    let twin = try session.loadTwin(name, at: call.span(of: "twin"))
    let newName = try call.optionalString("name") ?? "\(name)-trained"
    try session.checkNew(newName, replacing: call.isSet("replace"), at: call.span(of: "name"))
    let labels = call.strings("stimulus").flatMap { $0.split(separator: ",").map(String.init) }
    let sources = try labels.map {
      try session.loadStimulus($0, at: call.span(of: "stimulus")).shown(to: twin, by: call)
    }
    let sets = try sources.map { source in
      try LoadedTrainingSet(twin, head: twin.head(session: source.session, named: nil), source, in: session)
    }
    var options = try TrainingOptions(call, sets: sets, in: session)
    try options.addKernelTerms(call, rateHz: twin.architecture.samplingRate ?? sources.first?.stimulus.rateHz)
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    let trainer = try Trainer(
      architecture: twin.architecture, source: twin.source, heads: sets.map(\.head), settings: options.settings,
      isFrozen: frozen.contains,
      optimiser: options.continuesOptimiser ? try AdamW(stored: twin.checkpoint, of: twin.architecture) : nil)
    for line in Self.plan(trainer, options) { session.note(line) }
    for (source, set) in zip(sources, sets) { _ = session.origin(twin, head: set.head, on: source, split: .train) }
    var loop = try TrainingLoop(
      trainer, order: options.order, sets: sets, stepLimit: options.stepLimit, validatesEvery: options.validatesEvery)
    let result = TrainedTwin(
      twin: twin, name: newName, stimuli: labels, options: options, replaces: call.isSet("replace"))
    do {
      try Self.run(&loop, in: session)
    } catch let failure as Failure where !loop.epochs.isEmpty {
      try result.keepUnfinished(loop, in: session)
      throw Failure(
        failure.kind, failure.message, hint: "`\(newName)` holds the twin after epoch \(loop.epochs.count - 1)",
        span: failure.span)
    }
    try result.keep(loop, in: session)
    let best = loop.best?.epoch
    return .table(
      Self.columns.table(
        loop.epochs.map { Row(epoch: $0, isBest: $0.number == best) },
        note: "\(newName): \(name) after \(loop.trainer.stepsDone) steps on \(labels.joined(separator: ", "))"))
  }

  private static func run(_ loop: inout TrainingLoop, in session: Session) throws {
    let progress = session.work.progress
    progress?.begin("training", total: loop.stepCount, unit: "steps")
    defer { progress?.end() }
    while try loop.runEpoch(work: session.work, onStep: { done, _ in progress?.advance(to: done) }) != nil {}
  }

  /// What will be trained, at which rates, with which settings.
  private static func plan(_ trainer: Trainer, _ options: TrainingOptions) -> [String] {
    let values = Dictionary(uniqueKeysWithValues: trainer.architecture.parameters.map { ($0.name, $0.count) })
    let groups = trainer.groups.map { group in
      let rate = options.settings.learningRate * (group.kind.isCore ? options.settings.coreScale : 1)
      let decay = group.kind.decays ? options.settings.weightDecay : 0
      return
        "\(group.kind.rawValue): \(group.names.count) tensors, \(group.names.reduce(0) { $0 + (values[$1] ?? 0) }) "
        + "values, lr \(Value.double(rate).plainText), decay \(Value.double(decay).plainText)"
    }
    return ["settings: " + options.text.joined(separator: ", ")] + groups.map { "trains \($0)" }
  }
}
