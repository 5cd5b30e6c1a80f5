import Base
import Language
import Session
import Training
import Workspace

/// Goes on with a training that has not finished.
struct ResumeCommand: Command {
  static let signature = Signature(
    "resume", in: "training", "Continues a stopped training from its last finished epoch"
  )
  .effect(.changes, changing: "{run}")
  .argument("run", .object(kinds: ["twin"]), "The training: the name that `train` gave to its twin")
  .returns(.table(TrainingRunner.columns.signatures))
  .searchTerms("continue", "restart", "interrupted", "killed", "crash", "go on", "training", "checkpoint")
  .details(
    """
    `train` keeps its state after every epoch. A training that Ctrl-C, a failure or the end of the process has stopped goes \
    on after the last of them, with the arguments that it was given, and gives bit for bit the tensors and curves of an \
    uninterrupted training. resume refuses a training whose twin, recordings or settings have changed since. `runs` lists the \
    trainings and their states. A training with --minutes keeps the number of steps that were found to fit.
    """)

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("run")
    let span = call.span(of: "run")
    let version = try session.lookup(name, kinds: [.twin], at: span)
    return try Self.goOn(name, version, at: span, in: session)
  }

  /// The version of a training that was begun by the same call and has not finished, or whose entry ended early after it:
  /// its best epoch may have no name yet. Nil where there is none.
  static func unfinished(_ name: String, of call: Call, in session: Session) throws -> VersionRecord? {
    guard !call.isSet("replace"), let version = try session.workspace.lookup(name),
      let payload = version.payload as? TwinPayload, payload.training != nil
    else { return nil }
    let record = try session.trainingRecord(of: name, payload, at: nil)
    guard !record.isBest, record.arguments == (try TrainCommand.stored(call)) else { return nil }
    return try record.progress.end == nil || mayLackItsEnd(version, in: session) ? version : nil
  }

  /// Whether what follows the last epoch may be missing, the best epoch's name or the scores on test trials: the entry was
  /// broken off after it, or a job starts again.
  private static func mayLackItsEnd(_ version: VersionRecord, in session: Session) throws -> Bool {
    if session.replacesNames { return true }
    return try session.workspace.entry(version.entry).status == .interrupted
  }

  /// Goes on with the training of a version under `name`.
  static func goOn(_ name: String, _ version: VersionRecord, at span: SourceSpan, in session: Session) throws -> Value {
    guard let payload = version.payload as? TwinPayload else {
      throw Failure(.mismatch, "`\(name)` is not a twin", span: span)
    }
    let record = try session.trainingRecord(of: name, payload, at: span)
    try check(name, record, version, at: span, in: session)
    let start = try startTwin(of: record, named: name, at: span, in: session)
    let folder = session.folder
    session.folder = record.folder ?? folder
    defer { session.folder = folder }
    let arguments = try Self.arguments(of: record, named: name, at: span)
    let job = try TrainingJob(arguments, from: start, goingOn: record, in: session)
    let state = TrainingJob.KeptState(
      source: try start.store(with: payload.overlay, in: session),
      optimiser: try record.optimiser.map { try session.archive($0) }, stepsDone: record.progress.stepsDone)
    let loop = try TrainingLoop(
      try job.trainer(going: record.progress.epochs.isEmpty ? nil : state), order: job.options.order, sets: job.sets,
      limits: job.limits, from: record.progress)
    session.changes.inputs.append(.init(role: "training", version: version.id, detail: name))
    for (source, set) in zip(job.sources, job.sets) {
      _ = session.origin(start, head: set.head, on: source, split: .train)
    }
    session.note(
      "`\(name)` continues after \(record.progress.epochs.last.map { "epoch \($0.number)" } ?? "no epoch"): \(record.progress.stepsDone) of \(record.stepLimit) steps are done"
    )
    let kept = KeptTraining(
      record, as: name, from: start, replacing: version.id, overlay: payload.overlay, in: session)
    return try TrainingRunner(
      job: job, kept: kept, events: try TrainingEvents(arguments, from: loop.progress, in: session),
      recipes: try TrainingRecipes(arguments, kept, in: session), session: session
    ).run(loop)
  }

  private static func check(
    _ name: String, _ record: TrainingRecord, _ version: VersionRecord, at span: SourceSpan, in session: Session
  ) throws {
    if record.isBest {
      throw Failure(
        .mismatch, "`\(name)` is a copy of the best epoch of a training, which does not go on from it",
        hint: "`runs` lists the trainings; `train \(name) …` begins a new one from it", span: span)
    }
    switch try session.trainingState(record, version) {
    case .finished where try mayLackItsEnd(version, in: session): break
    case .finished:
      throw Failure(
        .mismatch, "the training of `\(name)` is finished: \(record.progress.end?.text ?? "")",
        hint: "`train \(name) …` begins a new one from it", span: span)
    case .running where version.entry != session.entry:
      throw Failure(.conflict, "the training of `\(name)` is running (entry \(version.entry))", span: span)
    case .running, .stopped, .interrupted, .failed: break
    }
  }

  private static func startTwin(
    of record: TrainingRecord, named name: String, at span: SourceSpan, in session: Session
  ) throws -> LoadedTwin {
    do {
      return try session.loadTwin(record.start, record: session.workspace.version(record.startVersion))
    } catch let failure as Failure where failure.kind != .interrupted {
      throw Failure(
        failure.kind, "`\(name)` can't go on: its start is not there as it was: \(failure.message)", hint: nil,
        span: span)
    }
  }

  private static func arguments(of record: TrainingRecord, named name: String, at span: SourceSpan) throws -> Call {
    guard case .record(let arguments) = try ValueCodec.decode(record.arguments) else {
      throw Failure(.format, "the training record of `\(name)` is damaged", hint: "train it again", span: span)
    }
    let values = Dictionary(arguments.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    return Call(TrainCommand.signature, values, span: span)
  }
}
