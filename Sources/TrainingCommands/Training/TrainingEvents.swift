import Base
import Language
import RunLogs
import Session
import Training

/// The event file of `--tensorboard`: numbers of every step, and scores and histograms of every epoch.
struct TrainingEvents {
  private let file: EventFileWriter
  /// Rows of the curve that are written.
  private var rows: Int

  /// Tags that are written step by step, as they come.
  private static let stepwise: Set<String> = ["train_loss", "grad_norm", "lr", "lr_core"]

  /// Nil without `--tensorboard`.
  init?(_ call: Call, from progress: TrainingProgress, in session: Session) throws {
    guard let folder = try call.optionalString("tensorboard") else { return nil }
    do {
      file = try EventFileWriter(folder: session.output(folder))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "tensorboard"))
    }
    rows = progress.curve.rows.count
    session.note("writes \(file.path)")
  }

  func after(_ done: Int, _ record: Trainer.StepRecord, _ trainer: [ParameterGroup]) throws {
    var scalars = [("train_loss", record.loss), ("grad_norm", record.gradientNorm)]
    for (name, isCore) in [("lr_core", true), ("lr", false)] {
      guard let index = trainer.firstIndex(where: { $0.kind.isCore == isCore }) else { continue }
      scalars.append((name, record.rates[index]))
    }
    try file.add(scalars: scalars.map { (tag: $0.0, value: $0.1) }, step: done)
  }

  /// Scores of an epoch, and a histogram of each tensor that is trained.
  mutating func finished(_ loop: TrainingLoop) throws {
    let fresh = loop.progress.curve.rows.dropFirst(rows).filter { !Self.stepwise.contains($0.metric) }
    rows = loop.progress.curve.rows.count
    for row in fresh {
      try file.add(scalars: [(tag: row.metric, value: row.value ?? .nan)], step: row.step)
    }
    for name in loop.trainer.trainedNames {
      guard let histogram = EventFileWriter.Histogram(try loop.trainer.store.tensor(name).values) else { continue }
      try file.add(histogram: histogram, tag: name, step: loop.progress.stepsDone)
    }
  }
}
