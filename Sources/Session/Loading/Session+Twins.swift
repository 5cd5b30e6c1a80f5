import Base
import Formats
import Twin
import Workspace

extension Session {
  package func loadTwin(_ name: String, at span: SourceSpan? = nil) throws -> LoadedTwin {
    try loadTwin(name, record: lookup(name, kinds: [.twin], at: span))
  }

  package func loadTwin(_ name: String, record: VersionRecord) throws -> LoadedTwin {
    guard let payload = record.payload as? TwinPayload else {
      throw Failure(.mismatch, KindPhrase.mismatch(name, is: record.kind.rawValue, not: ["twin"]))
    }
    return LoadedTwin(name: name, record: record, payload: payload, model: try model(of: payload, named: name))
  }

  private func model(of payload: TwinPayload, named name: String) throws -> OpenTwin {
    if let known = openTwins.first(where: { $0.payload.hasSameLayers(as: payload) })?.model, known.isCurrent {
      return known
    }
    let path = workspace.absolute(path: payload.checkpoint.path)
    let stamp = FileStamp(path)
    let checkpoint = try Checkpoint(path: path, selection: payload.selection)
    guard checkpoint.fingerprint == payload.checkpoint.fingerprint else {
      throw Failure(
        .mismatch, "\(checkpoint.path) has changed since it was opened as `\(name)`",
        hint: "`open \(checkpoint.path) as \(name) --replace` opens the new file")
    }
    let changed = try payload.overlay.map { try NpzArchive(path: workspace.objects.checkedPath(of: $0)) }
    let model = try OpenTwin(
      checkpoint, modelFile: try payload.modelFile.map { try modelFile($0, of: name) }, changed: changed,
      dropped: payload.dropped ?? [], edits: payload.edits ?? [],
      heads: payload.heads.map { try HeadConfiguration(stored: $0) }, stamp: stamp)
    remember(model, of: payload)
    return model
  }

  /// What is to be said about norms that do almost nothing.
  package func normAdvice(of payload: TwinPayload, named name: String) throws -> [String] {
    try model(of: payload, named: name).architecture.normAdvice
  }

  /// The path of the file that `open --model` named, which must be what it was.
  private func modelFile(_ reference: FileReference, of name: String) throws -> String {
    let path = workspace.absolute(path: reference.path)
    let now = try FileReference(reading: path, in: workspace)
    guard now.fingerprint == reference.fingerprint else {
      throw Failure(
        .mismatch, "\(path) has changed since `\(name)` was opened with it",
        hint: "open `\(name)` again with --replace")
    }
    return path
  }

  /// Keeps a twin's layers for the commands that follow.
  func remember(_ model: OpenTwin, of payload: TwinPayload) {
    openTwins.removeAll { $0.payload.hasSameLayers(as: payload) }
    if openTwins.count >= Self.keptTwins { openTwins.removeAll() }
    openTwins.append((payload, model))
  }
}

extension TwinPayload {
  /// Which weights of the file are meant.
  var selection: WeightSelection { WeightSelection(set: weights, prefix: prefix) }

  /// Whether another version has the same weights and heads: what is frozen, and notes, make no other layers.
  fileprivate func hasSameLayers(as other: TwinPayload) -> Bool {
    checkpoint == other.checkpoint && overlay == other.overlay && heads == other.heads && selection == other.selection
      && modelFile == other.modelFile && edits == other.edits
      && dropped == other.dropped
  }
}
