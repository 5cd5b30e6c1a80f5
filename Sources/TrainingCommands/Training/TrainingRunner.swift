import Base
import Language
import Session
import Training
import Workspace

/// Runs a training to its end, keeps each epoch, and says how it goes on.
struct TrainingRunner {
  let job: TrainingJob
  let kept: KeptTraining
  let events: TrainingEvents?
  let recipes: TrainingRecipes?
  let session: Session

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

  static func table(_ progress: TrainingProgress) -> Table {
    columns.table(
      progress.epochs.enumerated().map { Row(epoch: $0.element, isBest: $0.offset == progress.best?.place) })
  }

  func run(_ begun: TrainingLoop) throws -> Value {
    var loop = begun
    try kept.begin()
    defer { recipes?.stop() }
    do {
      // With --minutes all of the time is planned for steps and the epochs' validations.
      if job.deadline == nil { try loop.scoreStart(work: session.work) }
      try run(&loop)
    } catch let failure as Failure {
      throw try ended(by: failure)
    }
    let hasBest = try kept.nameBest()
    try test()
    try recipes?.end()
    return .table(table(loop, hasBest: hasBest))
  }

  private func run(_ loop: inout TrainingLoop) throws {
    let progress = session.isWatched ? nil : session.work.progress
    var events = events
    let groups = loop.trainer.groups
    var view = TrainingView(kept.name, stepCount: loop.stepCount, from: loop.progress)
    progress?.begin("training", total: loop.stepCount, unit: "steps", done: loop.progress.stepsDone)
    defer { progress?.end() }
    var ended = false
    while !ended {
      let epoch = try loop.runEpoch(work: session.work) { done, record in
        progress?.advance(to: done)
        try events?.after(done, record, groups)
        if session.isWatched, let report = view.after(done, record) { try session.show(.report(report)) }
      }
      guard let epoch else { break }
      try kept.keep(loop)
      ended = loop.progress.end != nil
      try events?.finished(loop)
      try recipes?.finished(epoch: epoch.number, step: loop.progress.stepsDone)
      view.finished(loop.progress)
      if session.isWatched {
        try session.show(.report(view.report))
      } else {
        session.note(Self.line(epoch, loop))
      }
    }
  }

  /// Scores the trials that had no part in the training, once, where `--split` has kept some.
  private func test() throws {
    let isKnown = kept.record.progress.curve.rows.contains { $0.metric.hasPrefix("test_") }
    guard !job.data.testSets.isEmpty, !isKnown else { return }
    let scores = try Validation.scores(
      job.twin.architecture, kept.bestStore(), on: job.data.testSets, work: session.work)
    try kept.add(test: scores)
  }

  // MARK: What is said

  /// One line an epoch, for output that is not a terminal.
  private static func line(_ epoch: TrainingLoop.Epoch, _ loop: TrainingLoop) -> String {
    var parts = ["train_loss \(NumberText.significant(epoch.trainLoss, digits: 4))"]
    if let loss = epoch.validation.mean(\.loss) { parts.append("val_loss \(NumberText.significant(loss, digits: 4))") }
    if let score = epoch.validation.mean(\.bitsPerSpike) {
      parts.append("val_bits_per_spike \(NumberText.significant(score, digits: 4))")
    }
    if loop.progress.lastIsBest { parts.append("best so far") }
    return "epoch \(epoch.number), step \(loop.progress.stepsDone) of \(loop.stepCount): "
      + parts.joined(separator: ", ")
  }

  private func table(_ loop: TrainingLoop, hasBest: Bool) -> Table {
    let progress = kept.record.progress
    var notes = [
      "\(kept.name): \(kept.record.start) after \(progress.stepsDone) \(progress.stepsDone == 1 ? "step" : "steps") on \(job.labels.joined(separator: ", "))"
    ]
    if let end = progress.end, end != .steps { notes.append("ended because \(end.text)") }
    if let epochs = job.fittedEpochs {
      notes.append(
        "`--epochs \(epochs) --steps \(progress.stepsDone)` in place of --minutes takes the same steps again")
    }
    if hasBest, let best = progress.best {
      notes.append("`\(kept.bestName)` is the twin after epoch \(best.epoch), selected on the validation trials")
    }
    if progress.startIsBest, let start = progress.startBitsPerSpike, let best = progress.best {
      notes.append(
        "no epoch beats the twin that the training started from: \(NumberText.significant(start, digits: 4)) bits/spike on the held-out trials before the first step, \(NumberText.significant(best.bitsPerSpike, digits: 4)) after the best epoch"
      )
    }
    if let score = progress.curve.rows.last(where: { $0.metric == "test_bits_per_spike" }) {
      notes.append(
        "test trials, which no step and no validation of this training has seen: \(score.value.map { NumberText.significant($0, digits: 4) } ?? "undefined") bits/spike after epoch \(score.epoch)"
      )
    }
    var table = Self.table(progress)
    table.note = notes.joined(separator: "; ")
    return table
  }

  /// Leaves the kept epochs in order, and says how to go on.
  private func ended(by failure: Failure) throws -> Failure {
    guard let last = kept.record.progress.epochs.last else {
      try kept.abandon()
      guard failure.kind == .undefined else { return failure }
      var early = failure
      early.hint = (failure.hint.map { "\($0); " } ?? "") + "no epoch was finished, so nothing is kept"
      return early
    }
    // On a full disk the best epoch stays with the training, under no name of its own.
    let hasBest = (try? kept.nameBest()) ?? false
    let best = hasBest ? "; `\(kept.bestName)` after epoch \(kept.record.bestEpoch ?? 0)" : ""
    let holds = "`\(kept.name)` holds the twin after epoch \(last.number)\(best)"
    let message: String
    let hint: String
    switch failure.kind {
    case .interrupted:
      message = "\(failure.message); \(holds)"
      hint = "`resume \(kept.name)` goes on from there"
    case .undefined:
      message = failure.message
      hint = holds + (failure.hint.map { "; \($0)" } ?? "")
    default:
      message = failure.message
      hint = "\(holds), and `resume \(kept.name)` goes on from there" + (failure.hint.map { "; \($0)" } ?? "")
    }
    return Failure(failure.kind, message, hint: hint, span: failure.span)
  }
}
