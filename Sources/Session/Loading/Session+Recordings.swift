import Base
import Formats
import Language
import Recordings
import Workspace

extension Session {
  /// The recording that an argument names.
  package func recording(_ call: Call, _ argument: String = "recording") throws -> (
    name: String, payload: RecordingPayload
  ) {
    let name = try call.string(argument)
    let span = call.span(of: argument)
    return (name, try recording(name, lookup(name, kinds: [.recording], at: span), at: span))
  }

  private func recording(_ name: String, _ record: VersionRecord, at span: SourceSpan?) throws -> RecordingPayload {
    guard let payload = record.payload as? RecordingPayload else {
      throw Failure(.mismatch, "`\(name)` is not a recording", span: span)
    }
    return payload
  }

  /// Names of a recording's stimuli.
  package func stimulusNames(of name: String) throws -> [String] {
    try recording(name, lookup(name, kinds: [.recording], at: nil), at: nil).stimuli.map(\.name)
  }

  /// Every stimulus of the recording that an argument names, opened for a twin.
  package func stimuli(of call: Call, _ argument: String = "recording", for twin: LoadedTwin) throws -> [LoadedStimulus]
  {
    let recording = try recording(call, argument)
    return try recording.payload.stimuli.map {
      try loadStimulus("\(recording.name)/\($0.name)", at: call.span(of: argument)).shown(to: twin, by: call)
    }
  }

  /// Opens `REC/STIM`.
  package func loadStimulus(_ text: String, at span: SourceSpan? = nil) throws -> LoadedStimulus {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1, try workspace.lookup(text) == nil, let whole = try wholeStimulus(text) {
      throw Failure(.missing, "no recording named `\(text)`", hint: "did you mean `\(whole)`?", span: span)
    }
    let record = try lookup(parts[0], kinds: [.recording], at: span)
    let payload = try recording(parts[0], record, at: span)
    let names = payload.stimuli.map(\.name)
    guard parts.count == 2, let stored = payload.stimuli.first(where: { $0.name == parts[1] }) else {
      let given =
        parts.count == 2
        ? "recording `\(parts[0].shortened)` has no stimulus `\(parts[1].shortened)`"
        : "`\(parts[0].shortened)` is a recording: name one of its stimuli, too"
      let meant =
        parts.count == 2 ? Suggestion.best(for: parts[1], among: names).map { [$0] } : names.isEmpty ? nil : names
      throw Failure(
        .missing, given,
        hint: meant.map { "did you mean \($0.map { "`\(parts[0])/\($0)`" }.joined(separator: " or "))?" }
          ?? "it has \(names.joined(separator: ", "))", span: span)
    }
    let dataset = try DictDataset(path: workspace.absolute(path: stored.file.path))
    guard dataset.fingerprint == stored.file.fingerprint else {
      throw Failure(
        .mismatch, "\(dataset.path) has changed since it was opened as `\(parts[0])`",
        hint: "`open … as \(parts[0]) --replace` opens the new file", span: span)
    }
    var source: any ArraySource = dataset
    var fingerprint = dataset.fingerprint
    if let overlay = stored.overlay {
      source = OverlaySource(try NpzArchive(path: workspace.objects.checkedPath(of: overlay)), over: dataset)
      fingerprint = Digest.of("\(fingerprint) \(overlay)")
    }
    let stimulus = try Stimulus(
      name: stored.name, source: source, metadata: dataset.metadata, configuration: try configuration(of: payload))
    // A filter that can't be computed is reported by whoever asks for the mask.
    noteOnce((try? stimulus.impossibleBins())?.note(cids: stimulus.cids), in: "\(parts[0])/\(stored.name)")
    return LoadedStimulus(
      recordingName: parts[0], record: record, payload: payload, stimulus: stimulus, fingerprint: fingerprint)
  }

  /// `REC/STIM` for a stimulus that is named alone.
  private func wholeStimulus(_ name: String) throws -> String? {
    let wholes = try workspace.names(kinds: [.recording]).flatMap { item -> [(stimulus: String, whole: String)] in
      guard let payload = item.version.payload as? RecordingPayload else { return [] }
      return payload.stimuli.map { ($0.name, "\(item.name)/\($0.name)") }
    }
    let near = Suggestion.best(for: name, among: wholes.map(\.stimulus))
    return near.flatMap { near in wholes.first { $0.stimulus == near }?.whole }
  }

  /// A recording's configuration, from the YAML files that it was opened with.
  package func configuration(of payload: RecordingPayload) throws -> RecordingConfiguration {
    func read(_ reference: FileReference?) throws -> ConfigNode? {
      guard let reference else { return nil }
      let path = workspace.absolute(path: reference.path)
      let now = try FileReference(reading: path, in: workspace)
      guard now.fingerprint == reference.fingerprint else {
        throw Failure(
          .mismatch, "\(path) has changed since the recording \(payload.session) was opened",
          hint: "open the recording again with --replace")
      }
      return try YAMLDocument.read(path: path)
    }
    var configuration = try RecordingConfiguration(
      parent: try read(payload.parentConfiguration), session: try read(payload.sessionConfiguration),
      sessionName: payload.session,
      files: (
        payload.parentConfiguration.map { workspace.absolute(path: $0.path) },
        payload.sessionConfiguration.map { workspace.absolute(path: $0.path) }
      ))
    configuration.givenRate = payload.givenRate
    configuration.givenCells = payload.givenCells
    return configuration
  }
}
