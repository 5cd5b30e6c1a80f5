import Base
import Formats
import Language
import Runs
import Session
import Workspace

/// Opens the best checkpoint of a run as a twin.
struct BestCommand: Command {
  static let signature = Signature("best", in: "training", "Opens the best checkpoint of a run as a twin")
    .effect(.names)
    .argument(
      "run", .object(kinds: ["run", "runs"]),
      "A run of an open set, by its name, its id, or a part that no other run has"
    )
    .argument("name", .newName, "The twin's name; by default made from the file's", keyword: "as", optional: true)
    .flag("config", .path, "YAML that names the checkpoint's sessions")
    .flag("model", .path, "The model's YAML, for weights without a configuration of their own")
    .replace()
    .returns(.record)
    .names("name", kinds: ["twin"], always: true)
    .searchTerms("checkpoint", "open", "twin", "top", "winner")
    .details(
      """
      The best checkpoint is the one with the best score in its file's name, if that score is of the metric that ranks the run; \
      else the one of the epoch in which the log has its best value; else the newest. A note says which file was opened, and why.
      """)

  static let examples = [
    Example("open runs as grid; best killed as rescued", "The best checkpoint of a run that was killed")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let span = call.span(of: "run")
    let named = try session.run(meantBy: call.string("run"), at: span)
    guard let best = try BestCheckpoint.of(named.run, in: named.runs) else {
      throw Failure(
        .missing, "no checkpoint was found beside the run `\(named.name.shortened)`",
        hint: "`open FILE.ckpt as NAME` opens a checkpoint from elsewhere", span: span)
    }
    session.note("\(best.checkpoint.path): \(best.reason)")
    let request = try OpenRequest(best.checkpoint.path, call, in: session)
    guard case .object(let twin, let fallback)? = try TwinPayload.open(CandidateFile(path: request.path), for: request)
    else {
      throw Failure(.format, "\(best.checkpoint.path): it holds no model", span: span)
    }
    let name = try request.name(or: fallback)
    let isNew = try request.keep(twin, as: name)
    var record = Record([("name", .string(name)), ("kind", .string(twin.kind.rawValue))])
    for field in twin.opened.fields { record[field.name] = field.value }
    record["run"] = .string(named.name)
    record["checkpoint"] = .string(best.checkpoint.path)
    record["status"] = .string(isNew ? "opened" : "unchanged")
    return .record(record)
  }
}
