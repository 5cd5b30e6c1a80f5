import Base
import Formats
import Foundation
import Language
import Recordings
import Session
import Twin
import Workspace

/// Opens a file or folder under a name, knowing by content what it is.
struct OpenCommand: Command {
  static let signature = Signature("open", in: "objects", "Opens a checkpoint, a recording or predictions under a name")
    .effect(.names)
    .argument(
      "path", .path,
      "A checkpoint, a folder of .dset files, a .dset, a parent YAML with sessions, an .npz with rhat and robs, or a cache of VisionCore's evaluation"
    )
    .argument("name", .newName, "The name; by default made from the file's", keyword: "as", optional: true)
    .flag("config", .path, "YAML that names a checkpoint's sessions, or a recording's parent YAML")
    .flag("data", .path, "The folder that holds the folders of a parent YAML's sessions; by default the YAML's own")
    .flag("session", .string, "The session that predictions are of, where their file does not say")
    .replace()
    .returns(.any)
    .names("name", always: true)
    .searchTerms("load", "import", "checkpoint", "recording", "dset", "predictions", "sessions", "yaml")
    .details(
      """
      Opening reads no weights and no frames. Nothing in a file is ever executed. The file stays where it is; the workspace \
      keeps its path, size and fingerprint, and a file that changed later is an error, not a silent new number.

      A parent YAML (`sessions`, `session_dir`) opens as a set: every session whose folder of .dset files is found becomes \
      a recording under its session's name, and the result is a table of all sessions; those without data are noted.

      A cache of VisionCore's evaluation (*_bps_cache.pt, *_ccnorm_cache.pt) opens as predictions, one for each stimulus: \
      NAME-STIMULUS. Its session and rate come from the twin that its name tells, where that is open, else --session. What \
      such files are known to get wrong is said.
      """)

  static let examples = [
    Example("open checkpoints/twin.ckpt as twin --replace", "A Lightning checkpoint; sessions from the YAML beside it"),
    Example("open recordings/Sim_2025-01-17 as sim --replace", "A recording: a folder of stimuli with its YAML"),
    Example("open recordings/multi_sim_120_all.yaml --replace", "Every recording that a parent YAML lists"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    do {
      return try open(call, in: session)
    } catch let failure as Failure where failure.kind == .missing {
      throw failure.located(at: call.span(of: "path"))
    }
  }

  private func open(_ call: Call, in session: Session) throws -> Value {
    let given = try call.string("path")
    guard given != "-" else {
      throw Failure(
        .unsupported, "standard input can't be opened: the workspace keeps a file's path and fingerprint",
        hint: "write it to a file and open that", span: call.span(of: "path"))
    }
    let path = session.absolute(given)
    let configuration = try call.optionalString("config").map(session.absolute)
    if let table = try recordings(path, given: given, session: session, call: call) { return .table(table) }
    if let table = try cache(path, session: session, call: call) { return .table(table) }
    let payload = try payload(path, given: given, configuration: configuration, session: session, call: call)
    let name = try call.optionalString("name") ?? Session.name(from: defaultName(path, payload))
    let existing = try session.workspace.lookup(name)
    if existing?.payload == payload || sameSource(existing?.payload, payload) {
      return .record(Opened.summary(name, payload, isNew: false))
    }
    try session.checkNew(
      name, replacing: call.isSet("replace"), at: call.span(of: "name"))
    session.changes.versions.append(
      .init(payload, name: name, replacing: call.replacing))
    return .record(Opened.summary(name, payload, isNew: true))
  }

  /// The recordings of a parent YAML; nil where the path is none.
  private func recordings(_ path: String, given: String, session: Session, call: Call) throws -> Table? {
    let data = try call.optionalString("data").map(session.absolute)
    guard try FileKind.recognise(path) == .yaml, let set = try RecordingSet(path: path, data: data) else {
      guard data == nil else {
        throw Failure(
          .usage, "--data is for a parent YAML with `sessions`, and \(given) is none", span: call.span(of: "data"))
      }
      return nil
    }
    for (flag, reason) in [("name", "each recording gets its session's name"), ("config", "it is the configuration")]
    where call.isGiven(flag) {
      throw Failure(
        .usage, "\(given) lists \(set.sessions.count) sessions: \(reason)",
        hint: "leave out \(flag == "name" ? "`as`" : "--config")", span: call.span(of: flag))
    }
    return try set.open(for: call, in: session) { try recording($0, path, session) }
  }

  /// The predictions of a cache of VisionCore's evaluation; nil where the path is none.
  private func cache(_ path: String, session: Session, call: Call) throws -> Table? {
    let kind = try FileKind.recognise(path)
    guard kind == .torchZip || kind == .torchLegacy || kind == .pickle,
      let cache = try EvaluationCache(archive: TorchArchive(path: path))
    else { return nil }
    switch cache.kind {
    case .bitsPerSpike, .noiseCeiling: return try CachedPredictions(cache, in: session).open(for: call)
    case .receptiveFields: return try CachedReceptiveFields(cache, in: session).open(for: call)
    case .saccades:
      throw Failure(
        .unsupported, "\(path) is a cache of saccades: windows around them that may cross gaps and trials",
        hint: "open the bps cache of the same model", span: call.span(of: "path"))
    }
  }

  private func payload(
    _ path: String, given: String, configuration: String?, session: Session, call: Call
  ) throws -> Payload {
    switch try FileKind.recognise(path) {
    case .directory:
      return .recording(try recording(path, configuration, session))
    case .safetensors:
      throw Failure(
        .unsupported, "\(given) is a safetensors file: it holds weights without the model's configuration",
        hint: "open the checkpoint (.ckpt) that it was made from", span: call.span(of: "path"))
    case .torchZip, .torchLegacy, .pickle:
      let archive = try TorchArchive(path: path)
      if DictDataset.isDictDataset(archive) { return .recording(try recording(path, configuration, session)) }
      return .twin(try twin(Checkpoint(archive: archive), configuration, session))
    case .npz:
      return .predictions(try predictions(path, session, call))
    case .yaml where (try? YAMLDocument.read(path: path)) != nil:
      throw Failure(
        .unsupported, "\(given) is a YAML file",
        hint: "open the checkpoint or recording that it belongs to, with --config \(given)",
        span: call.span(of: "path"))
    case .unknown where try startsAsZip(path):
      throw Failure(
        .format, "\(given) begins as a zip archive but its directory is missing: it was cut short",
        hint: "copy it again; a checkpoint that is being written is incomplete", span: call.span(of: "path"))
    case .npy, .unknown, .yaml:
      throw Failure(
        .unsupported, "\(given) is no file that vcsh opens",
        hint: "checkpoints (.ckpt, .pt), recordings (.dset or a folder of them) and predictions (.npz) open",
        span: call.span(of: "path"))
    }
  }

  private func startsAsZip(_ path: String) throws -> Bool {
    let file = FileHandle(forReadingAtPath: path)
    defer { try? file?.close() }
    return try file?.read(upToCount: 4) == Data([0x50, 0x4b, 3, 4])
  }

  private func defaultName(_ path: String, _ payload: Payload) -> String {
    if case .recording(let recording) = payload { return recording.session }
    return ((path as NSString).lastPathComponent as NSString).deletingPathExtension
  }

  /// The same file again under the same name changes nothing, whatever was frozen since.
  private func sameSource(_ existing: Payload?, _ new: Payload) -> Bool {
    guard case .twin(let old)? = existing, case .twin(let new) = new else { return false }
    return old.overlay == nil && old.checkpoint == new.checkpoint && old.heads == new.heads
      && old.configurationFiles == new.configurationFiles
  }

  private func twin(_ checkpoint: Checkpoint, _ configuration: String?, _ session: Session) throws -> TwinPayload {
    var heads: [HeadConfiguration] = []
    var files: [String] = []
    let trained = DatasetConfigurations.trained(with: checkpoint)
    if let path = configuration ?? trained {
      let datasets = try DatasetConfigurations.read(path)
      heads = datasets.heads
      files = datasets.files
    }
    let architecture = try LoadedTwin.architecture(checkpoint: checkpoint, source: checkpoint, heads: heads)
    if heads.isEmpty, architecture.heads.count > 1 {
      session.note("the heads of \(checkpoint.path) have no names: --config YAML gives them")
    }
    let named: [TwinPayload.Head] = try architecture.heads.enumerated().map { index, head in
      guard heads.indices.contains(index) else { return .init(session: head.session, cids: head.cids) }
      return .init(
        session: heads[index].session, cids: heads[index].cids,
        configuration: try HeadOverrides.text(adapter: heads[index].adapter, readout: heads[index].readout))
    }
    return TwinPayload(
      checkpoint: FileReference(
        path: session.workspace.stored(path: checkpoint.path), byteCount: checkpoint.byteCount,
        fingerprint: checkpoint.fingerprint),
      configurationFiles: try files.map { try FileReference(reading: $0, in: session.workspace) }, heads: named)
  }

  private func recording(_ path: String, _ configuration: String?, _ session: Session) throws -> RecordingPayload {
    let folder = try RecordingFolder(path: path, configuration: configuration)
    let workspace = session.workspace
    let rates = Set(folder.stimuli.map(\.rateHz))
    guard rates.count == 1, let rate = rates.first, let first = folder.stimuli.first else {
      throw Failure(
        .mismatch,
        "\(path): its stimuli have different rates: \(rates.sorted().map { "\($0) Hz" }.joined(separator: ", "))")
    }
    return RecordingPayload(
      session: folder.session, cids: first.cids, rateHz: rate,
      stimuli: folder.stimuli.compactMap { stimulus in
        folder.files[stimulus.name].map { file in
          RecordingPayload.Stimulus(
            name: stimulus.name,
            file: FileReference(
              path: workspace.stored(path: file.path), byteCount: file.byteCount, fingerprint: file.fingerprint),
            frames: stimulus.frameCount)
        }
      },
      parentConfiguration: try folder.parentFile.map { try FileReference(reading: $0, in: workspace) },
      sessionConfiguration: try folder.sessionFile.map { try FileReference(reading: $0, in: workspace) })
  }

  private func predictions(_ path: String, _ session: Session, _ call: Call) throws -> PredictionsPayload {
    let archive = try NpzArchive(path: path)
    guard PredictionsFile.isPredictions(archive) else {
      throw Failure(
        .unsupported, "\(path): an npz without rhat and robs",
        hint: "predictions need both, (time, cell); inputs of `forward` are named there")
    }
    let outline = try PredictionsFile.outline(archive, path)
    return PredictionsPayload(
      session: try call.optionalString("session"), stimulus: nil, split: nil, frames: outline.frames,
      cids: outline.cids, rateHz: outline.rateHz,
      file: FileReference(
        path: session.workspace.stored(path: path), byteCount: archive.byteCount, fingerprint: archive.fingerprint))
  }
}

/// The record that `open` answers with.
enum Opened {
  static func summary(_ name: String, _ payload: Payload, isNew: Bool) -> Record {
    var record = Record([("name", .string(name)), ("kind", .string(payload.kind.rawValue))])
    switch payload {
    case .twin(let twin):
      record["heads"] = .int(twin.heads.count)
      record["sessions"] = .string(twin.heads.map { $0.session ?? "(unnamed)" }.joined(separator: ", "))
    case .recording(let recording):
      record["session"] = .string(recording.session)
      record["cells"] = .int(recording.cids.count)
      record["stimuli"] = .string(recording.stimuli.map { "\($0.name) (\($0.frames) frames)" }.joined(separator: ", "))
    case .predictions(let predictions):
      record["cells"] = .int(predictions.cids.count)
      record["frames"] = .int(predictions.frames)
    case .table(let table):
      record["rows"] = .int(table.rows)
    case .calibration(let calibration):
      record["cells"] = .int(calibration.cells.count)
    }
    record["status"] = .string(isNew ? "opened" : "unchanged")
    return record
  }
}
