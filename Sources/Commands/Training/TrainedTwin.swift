import Base
import Formats
import Session
import Training
import Twin
import Workspace

/// A twin that a training made, on its way into the workspace.
struct TrainedTwin {
  let twin: LoadedTwin
  let name: String
  let stimuli: [String]
  let options: TrainingOptions
  let replaces: Bool

  /// Names the twin after the last epoch, and the best epoch beside it where that is another one.
  func keep(_ loop: TrainingLoop, in session: Session) throws {
    let last = loop.epochs.last?.number ?? 0
    try keep(loop.trainer.store, epoch: last, of: loop, as: name, in: session)
    if let best = loop.best, best.epoch != last {
      try keep(best.store, epoch: best.epoch, of: loop, as: "\(name)-best", in: session)
      session.note("`\(name)-best` is the twin after epoch \(best.epoch), which has the best held-out score")
    }
  }

  /// Names the twin after the last finished epoch of a training that ended early.
  func keepUnfinished(_ loop: TrainingLoop, in session: Session) throws {
    try keep(loop.lastFinished, epoch: loop.epochs.last?.number ?? 0, of: loop, as: name, in: session)
    try session.keepNow()
  }

  private func keep(
    _ store: ParameterStore, epoch: Int, of loop: TrainingLoop, as name: String, in session: Session
  ) throws {
    var payload = twin.payload
    payload.overlay = try session.workspace.objects.putOverlay(changed(store), over: twin.payload.overlay)
    payload.training = try session.keep(
      TrainingRecord(
        start: twin.name, stimuli: stimuli, settings: options.text, epoch: epoch, bestEpoch: loop.best?.epoch,
        curve: loop.curve))
    payload.note = "\(twin.name) trained on \(stimuli.joined(separator: ", ")), epoch \(epoch)"
    session.changes.versions.append(
      .init(
        payload, name: name, parent: twin.record.id, replacing: replaces || name != self.name ? .anything : .nothing))
  }

  /// The tensors that training moved.
  private func changed(_ store: ParameterStore) throws -> [NamedArray] {
    try store.arrayNames.compactMap { name in
      let tensor = try store.tensor(name)
      return try tensor == twin.source.tensor(name) ? nil : NamedArray(name, tensor)
    }
  }
}
