import Analysis
import Base
import Fitting
import Formats
import Layers
import Recordings
import Workspace

extension Session {
  /// Gathers what is known about the cells to diagnose, once for all of them.
  ///
  /// - Parameters:
  ///   - cells: positions of the cells; all where nil.
  ///   - isQuick: whether to leave out everything that needs the core's features.
  package func diagnosedCells(
    of twin: LoadedTwin, on source: LoadedStimulus, head named: String?, cells: [Int]?, isQuick: Bool
  ) throws -> DiagnosedCells {
    let stimulus = source.stimulus
    let head = try twin.head(for: source, named: named)
    let cells = cells ?? Array(0..<stimulus.cellCount)
    let predictions = try Predictor(session: self).predictions(of: twin, head: head, on: source, split: .all)
    _ = origin(twin, head: head, on: source, split: .all)
    let scored = Set(try stimulus.frames(.val, among: predictions.frames))
    let scoredRows = predictions.frames.indices.filter { scored.contains(predictions.frames[$0]) }
    guard !scoredRows.isEmpty else {
      throw Failure(
        .undefined, "\(source.label) has no valid held-out frame to score",
        hint: "`show \(source.recordingName)` says how many bins are valid")
    }
    return DiagnosedCells(
      predictions: predictions, scoredRows: scoredRows, cells: cells,
      responses: try repeatedResponses(of: source, cells: cells),
      fields: try fieldRows(of: twin, on: source, head: head, cells: cells),
      readouts: try readoutPlaces(of: twin, on: stimulus, head: head),
      refit: isQuick
        ? .none("not tried: --quick")
        : try refittedCells(of: twin, head: head, on: source, predictions: predictions, cells: cells),
      training: isQuick ? nil : try trainingShares(of: twin, head: head, on: source, predictions), isQuick: isQuick)
  }

  /// Responses to a stimulus of the recording that repeats its trials, preferably `source`; nil where none does.
  private func repeatedResponses(of source: LoadedStimulus, cells: [Int]) throws -> RepeatedResponses? {
    let others = source.payload.stimuli.map(\.name).filter { $0 != source.stimulus.name }
    var found = source.stimulus.repeats ? source : nil
    for name in others where found == nil {
      let other = try loadStimulus("\(source.recordingName)/\(name)")
      if other.stimulus.repeats { found = other }
    }
    guard let found else { return nil }
    let frames = try found.stimulus.validFrames()
    let observed = try found.stimulus.predictions(
      frames: frames, rates: Tensor(zeros: [frames.count, found.stimulus.cellCount]))
    guard
      let responses = try RepeatedResponses(
        observed, stimulus: found.stimulus.name, cids: cells.map { source.stimulus.cids[$0] }, work: work)
    else { return nil }
    if found.record.id != source.record.id || found.stimulus.name != source.stimulus.name {
      changes.inputs.append(
        .init(
          role: "stimulus", version: found.record.id,
          detail: "\(found.label), its repeats, file \(found.fingerprint.prefix(12))"))
    }
    return responses
  }

  /// Receptive fields are one kind of evidence among others: nil for a stimulus that gives none.
  private func fieldRows(
    of twin: LoadedTwin, on source: LoadedStimulus, head: Int, cells: [Int]
  ) throws -> [FieldTable.Row]? {
    guard source.stimulus.channelCount == 1 else { return nil }
    do {
      return FieldTable.rows(try fields(of: twin, head: head, on: source, split: .all, cells: cells), map: nil)
    } catch let failure as Failure where [.undefined, .mismatch].contains(failure.kind) {
      return nil
    }
  }

  private func readoutPlaces(of twin: LoadedTwin, on stimulus: Stimulus, head: Int) throws -> ReadoutPlaces? {
    let architecture = twin.architecture
    func places(_ stimulus: Stimulus?) throws -> [ReadoutGeometry]? {
      try ReadoutGeometry.all(of: architecture, from: twin.source, head: head, stimulus: stimulus)
    }
    guard let onStimulus = try places(stimulus), let onMap = try places(nil) else { return nil }
    let mapSize = try stimulus.lags.map { lags in
      try architecture.featureSize(input: [1, lags.count, stimulus.height, stimulus.width], head: head)
    }
    let clamp = architecture.configuration["regularization"]?.listValue?.first {
      $0["type"]?.stringValue == "proximal_clamp_positive"
        && ($0["apply_to"]?.listValue ?? []).contains { $0.stringValue == "readouts/std" }
    }
    return ReadoutPlaces(
      onStimulus: onStimulus, onMap: onMap.map(\.mask), mapSize: mapSize, widthLimit: clamp?["lambda"]?.doubleValue)
  }

  /// Readouts fitted on the training trials; none where that is not possible, with the reason.
  private func refittedCells(
    of twin: LoadedTwin, head: Int, on source: LoadedStimulus, predictions: Predictions, cells: [Int]
  ) throws -> RefittedCells {
    if let obstacle = twin.architecture.obstacleToReadoutGradients(of: twin.name, head: head) { return .none(obstacle) }
    let frames = predictions.frames
    let train = Set(try source.stimulus.frames(.train, among: frames))
    let trainRows = frames.indices.filter { train.contains(frames[$0]) }
    guard !trainRows.isEmpty else { return .none("no training trials") }
    let held = try source.stimulus.freshFrames(
      of: frames.filter { !train.contains($0) }, fitted: trainRows.map { frames[$0] }, work: work)
    guard held.areEnough else { return .none(held.refusal(source.stimulus.name)) }
    let (fresh, seen) = (Set(held.fresh), Set(held.seen))
    let heldOut = frames.indices.filter { fresh.contains(frames[$0]) }
    let features = try CoreFeatures(session: self).features(
      of: twin, adapter: head, on: source, frames: frames, among: frames)
    return try RefittedCells(
      on: features, predictions: predictions, cells: cells, trainRows: trainRows, heldOut: heldOut,
      seen: frames.indices.filter { seen.contains(frames[$0]) }, work: work)
  }

  /// Nil where it is not known that the head was trained on the stimulus together with the core, or its readout's
  /// gradients are not known.
  private func trainingShares(
    of twin: LoadedTwin, head: Int, on source: LoadedStimulus, _ predictions: Predictions
  ) throws -> TrainingShares? {
    guard let trained = try trainedStimuli(of: twin.payload), trained.contains(source.stimulus.name),
      !(try hasChangedReadout(twin, head: head))
    else { return nil }
    guard twin.architecture.obstacleToReadoutGradients(of: twin.name, head: head) == nil else { return nil }
    guard !(try source.stimulus.frames(.train, among: predictions.frames)).isEmpty else { return nil }
    return TrainingShares(try lossParts(of: twin, head: head, on: source, split: .train).parts)
  }

  /// Whether a head's readout was added or changed after training.
  private func hasChangedReadout(_ twin: LoadedTwin, head: Int) throws -> Bool {
    guard let overlay = twin.payload.overlay else { return false }
    return try NpzArchive(path: workspace.objects.checkedPath(of: overlay)).arrayNames
      .contains { $0.hasPrefix(GaussianReadout.prefix(head: head)) }
  }
}
