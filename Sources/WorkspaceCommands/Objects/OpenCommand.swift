import Base
import Formats
import Language
import Session

/// Opens a file or folder under a name, knowing by content what it is.
struct OpenCommand: Command {
  static let signature = Signature(
    "open", in: "objects", "Opens a checkpoint, a recording, predictions or a table under a name"
  )
  .effect(.names)
  .argument(
    "path", .path,
    "A checkpoint, a folder of .dset files, a .dset, a parent YAML with sessions, an .npz with rhat and robs, a cache of VisionCore's evaluation, a table (.csv, .tsv, .json, .jsonl, an .npz of columns), or a folder with runs of other tools"
  )
  .argument("name", .newName, "The name; by default made from the file's", keyword: "as", optional: true)
  .flag("config", .path, "YAML that names a checkpoint's sessions, or a recording's parent YAML")
  .flag("data", .path, "The folder that holds the folders of a parent YAML's sessions; by default the YAML's own")
  .flag("model", .path, "The model's YAML, for weights without a configuration of their own")
  .flag("weights", .string, "Which set of a checkpoint's weights to use, where it holds several, e.g. ema_state_dict")
  .flag("prefix", .string, "Prefix to remove from the names of all weights, e.g. net.")
  .flag("rate", .float, unit: "Hz", "Frame rate of a recording or of predictions whose file gives none, or a wrong one")
  .flag("cells", .string, "The id of each column of a recording's robs, if the file gives none: \"0-4, 7, 9\"")
  .flag("session", .string, "The session that predictions are of, where their file does not say")
  .flag("glob", .string, "Of a folder of runs, only those whose folders match this pattern; `*` also matches /")
  .replace()
  .returns(.any)
  .names("name", always: true)
  .searchTerms(
    "load", "import", "checkpoint", "recording", "dset", "predictions", "sessions", "yaml", "runs", "logs", "wandb",
    "tensorboard", "mlflow", "ray"
  )
  .details(
    """
    Opening reads no weights and no frames. Nothing in a file is ever executed. The file stays where it is; the workspace \
    keeps its path, size and fingerprint, and a file that changed later is an error, not a silent new number.

    A parent YAML (`sessions`, `session_dir`) opens as a set: every session whose folder of .dset files is found becomes \
    a recording under its session's name, and the result is a table of all sessions; those without data are noted.

    A cache of VisionCore's evaluation (*_bps_cache.pt, *_ccnorm_cache.pt) opens as predictions, one for each stimulus: \
    NAME-STIMULUS. Its session and rate come from the twin that the file is named after, if that is open, else from --session. vcsh \
    reports the known errors of such files.

    A folder opens as a set of runs if training logs or checkpoints lie below it, at any depth: CSV logs and event files of \
    Lightning and TensorBoard, MLflow's stores, offline logs of W&B, trials of Ray Tune, and checkpoints without a log. The \
    result is a table with a row for each run; `runs SET` shows it again. vcsh only reads such a folder: it changes no byte.

    Weights are found under `state_dict`, `model_state_dict`, `model`, `module`, `net`, `ema_state_dict`, or as the file's \
    own entries. vcsh removes the prefixes that PyTorch's wrappers add to names (`module.`, `_orig_mod.`, …); --prefix removes \
    others. Where a file holds several sets of weights, a note says which one is used, and --weights NAME takes another. A file \
    without a configuration needs --model with the model's YAML.
    """)

  static let examples = [
    Example("open checkpoints/twin.ckpt as twin --replace", "A Lightning checkpoint; sessions from the YAML beside it"),
    Example("open recordings/Sim_2025-01-17 as sim --replace", "A recording: a folder of stimuli with its YAML"),
    Example("open recordings/multi_sim_120_all.yaml --replace", "Every recording that a parent YAML lists"),
    Example(
      "open runs as grid | select run kind state epochs best norm lr seed", "Every run below a folder"),
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
    let request = try OpenRequest(call, in: session)
    let file = try CandidateFile(path: request.path)
    if request.data != nil, try RecordingSet(file, for: request) == nil {
      throw Failure(
        .usage, "--data works only with a parent YAML (`sessions`); \(given) is not one", span: call.span(of: "data"))
    }
    for kind in AllKinds.types.reversed() {
      guard let answer = try kind.open(file, for: request) else { continue }
      try Self.checkFlags(of: call, for: kind, given)
      switch answer {
      case .table(let table): return .table(table)
      case .object(let object, let fallback):
        let name = try request.name(or: fallback)
        return .record(Self.answer(name, object, isNew: try request.keep(object, as: name)))
      }
    }
    throw try OpenRefusal.failure(file, for: request)
  }

  /// - Throws: `usage` for a flag that means nothing for a file of this kind.
  private static func checkFlags(of call: Call, for kind: any ObjectKind.Type, _ path: String) throws {
    let flags = AllKinds.types.flatMap { $0.openFlags }
    guard let flag = flags.first(where: { call.isGiven($0) && !kind.openFlags.contains($0) }) else { return }
    let others = AllKinds.types.filter { $0.openFlags.contains(flag) }.map { $0.kind.rawValue }
    throw Failure(
      .usage, "--\(flag) means nothing for \(path), which opens as \(kind.kind.rawValue)",
      hint: "leave it out: it is for \(others.joined(separator: " and "))", span: call.span(of: flag))
  }

  private static func answer(_ name: String, _ object: some ObjectKind, isNew: Bool) -> Record {
    var record = Record([("name", .string(name)), ("kind", .string(object.kind.rawValue))])
    for field in object.opened.fields { record[field.name] = field.value }
    record["status"] = .string(isNew ? "opened" : "unchanged")
    return record
  }
}
