import Base
import Formats
import Training
import Twin
import Workspace

/// A training that runs, and its twin in the workspace: after each epoch the name points to the twin of that epoch, with all
/// that the training needs to go on.
///
/// Each epoch is one transaction. The state of the epoch before is given up once the next one is kept, but for the best
/// epoch's tensors. Undo takes the whole training away as one step.
package final class KeptTraining {
  package private(set) var record: TrainingRecord
  package let name: String
  package let start: LoadedTwin
  private let session: Session
  /// The version under the name that this entry has made.
  private var version: Int64?
  /// The version that the name had when the training began or went on.
  private let before: Int64?
  private var overlay: String?

  /// Whether the name of the best epoch stands for that of an earlier training, and goes with the first kept epoch.
  package var dropsOldBest = false

  /// Epochs that this entry has kept.
  package private(set) var keptEpochs = 0
  package var bestName: String { Self.bestName(of: name) }

  package static func bestName(of name: String) -> String { "\(name)-best" }

  /// - Parameters:
  ///   - before: the version that the name has, which is replaced.
  ///   - overlay: the tensors to go on from; nil for those of the start.
  package init(
    _ record: TrainingRecord, as name: String, from start: LoadedTwin, replacing before: Int64?, overlay: String? = nil,
    in session: Session
  ) {
    self.record = record
    self.name = name
    self.start = start
    self.before = before
    self.overlay = overlay ?? start.payload.overlay
    self.session = session
  }

  /// Gives the name to the training before its first step, so that it is known if the process dies.
  package func begin() throws { try commit(payload()) }

  /// Keeps the twin after an epoch, with the state to go on from.
  package func keep(_ loop: TrainingLoop) throws {
    // What an epoch has cost is not thrown away by a Ctrl-C while it is written.
    try Cancellation.$current.withValue(nil) {
      var next = record
      next.progress = loop.progress
      next.epoch = loop.progress.epochs.last?.number ?? 0
      let tensors = try session.workspace.objects.putOverlay(
        start.changed(loop.trainer.store), over: start.payload.overlay)
      if loop.progress.lastIsBest { next.bestOverlay = tensors }
      next.optimiser =
        loop.progress.end == nil
        ? try session.workspace.objects.putFile { try NpzWriter.write(loop.trainer.optimiserState, to: $0) } : nil
      if dropsOldBest, keptEpochs == 0 { session.changes.dropped.append(bestName) }
      let (earlier, earlierOverlay) = (record, overlay)
      (record, overlay) = (next, tensors)
      do {
        try commit(payload())
      } catch {
        (record, overlay) = (earlier, earlierOverlay)
        throw error
      }
      keptEpochs += 1
    }
  }

  /// Writes the twin after the last kept epoch into a .safetensors file that opens by itself.
  ///
  /// - Throws: what reading the tensors and writing the file throw.
  package func write(to path: String) throws {
    try TwinExport.writeTensors(session.loadTwin(name), to: path)
  }

  /// Adds the scores on test trials to the record.
  package func add(test scores: [Validation.Score]) throws {
    record.progress.add(test: scores)
    try commit(payload())
  }

  /// The tensors after the best epoch; those after the last one where none was validated.
  package func bestStore() throws -> ParameterStore {
    try start.store(with: record.bestOverlay ?? overlay, in: session)
  }

  /// Names the best epoch beside the last one, where it is another one.
  ///
  /// - Returns: whether it was named.
  @discardableResult
  package func nameBest() throws -> Bool {
    guard let best = record.progress.best, !record.progress.lastIsBest, let tensors = record.bestOverlay else {
      return false
    }
    return try Cancellation.$current.withValue(nil) {
      var copy = record
      (copy.epoch, copy.isBest, copy.optimiser, copy.bestOverlay) = (best.epoch, true, nil, nil)
      var payload = start.payload
      payload.overlay = tensors
      payload.training = try session.keep(copy)
      payload.note =
        "\(record.start) trained on \(record.stimuli.joined(separator: ", ")), epoch \(best.epoch), \(TwinPayload.selectedNote)"
      session.changes.versions.append(
        .init(payload, name: bestName, parent: start.record.id, replacing: .anything))
      try session.keepNow()
      return true
    }
  }

  /// Takes away a training that has kept no epoch: the name is what it was before.
  package func abandon() throws {
    guard let version, keptEpochs == 0 else { return }
    var changes = Changes()
    changes.travels = [
      Travel(restoring: [PointerMove(Pointer(.name, name), before: version, after: before)])
    ]
    changes.withdrawn = [version]
    try session.workspace.commit(changes, entry: session.entry)
    self.version = nil
  }

  // MARK: Versions

  private func payload() throws -> TwinPayload {
    var payload = start.payload
    payload.overlay = overlay
    payload.training = try session.keep(record)
    // The start's own tensors are needed to go on, and to say what has changed.
    let state = [record.optimiser, record.bestOverlay, record.progress.end == nil ? start.payload.overlay : nil]
    payload.trainingState = state.compactMap(\.self)
    payload.note =
      "\(record.start) trained on \(record.stimuli.joined(separator: ", ")), "
      + (record.progress.epochs.isEmpty ? "no epoch yet" : "epoch \(record.epoch)")
    return payload
  }

  private func commit(_ payload: TwinPayload) throws {
    let expected = version ?? before
    var changes = session.changes
    session.changes = Changes()
    changes.versions.append(
      .init(payload, name: name, parent: start.record.id, replacing: expected.map { .version($0) } ?? .nothing))
    changes.withdrawn = version.map { [$0] } ?? []
    version = try session.workspace.commit(changes, entry: session.entry).last
  }
}

extension LoadedTwin {
  /// The tensors of the store that differ from this twin's, to the bit.
  func changed(_ store: ParameterStore) throws -> [NamedArray] {
    try store.arrayNames.compactMap { name in
      let (now, then) = (try store.tensor(name), try source.tensor(name))
      let isSame =
        now.shape == then.shape && zip(now.values, then.values).allSatisfy { $0.bitPattern == $1.bitPattern }
      return isSame ? nil : NamedArray(name, now)
    }
  }

  /// This twin's tensors, with those of an overlay in place of its own.
  ///
  /// - Throws: `format` where the object is damaged; what reading throws.
  package func store(with overlay: String?, in session: Session) throws -> ParameterStore {
    var store = try ParameterStore(source)
    guard let overlay else { return store }
    let archive = try session.archive(overlay)
    for name in archive.arrayNames { try store.set(name, to: archive.tensor(name)) }
    return store
  }
}

extension Session {
  /// An npz object of the workspace, checked against its digest.
  package func archive(_ digest: String) throws -> NpzArchive {
    try NpzArchive(path: workspace.objects.checkedPath(of: digest))
  }
}
