import Base
import Language
import Session
import Workspace

/// Gives the state of the workspace a name.
struct SnapshotCommand: Command {
  static let signature = Signature("snapshot", in: "time", "Keeps the state of the workspace under a name")
    .effect(.changes)
    .argument("name", .newName, "The snapshot's name")
    .flag("note", .string, "What it is for")
    .flag("replace", "Replace a snapshot of this name")
    .flag("delete", "Delete the snapshot of this name; `clean --dropped` can then remove what only it kept")
    .returns(.record)
    .searchTerms("save", "state", "checkpoint", "bookmark", "restore")
    .details(
      "A snapshot keeps all names, the versions that they point to, and the calibrations in use. It copies nothing, so it costs nothing."
    )

  static let examples = [
    Example("snapshot before-freeze --note 'as trained'; freeze twin core; restore before-freeze", "Keep and go back"),
    Example("snapshot old; snapshot old --delete", "Delete a snapshot"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("name")
    if call.isSet("delete") {
      _ = try session.workspace.planRestore(name)
      session.changes.snapshots.append(.delete(name: name))
      return .record(Record([("snapshot", .string(name)), ("status", .string("deleted"))]))
    }
    try session.checkNew(name, replacing: true, at: call.span(of: "name"))
    let replaces = call.isSet("replace")
    if !replaces, try session.workspace.snapshots().contains(where: { $0.name == name }) {
      throw Failure(
        .conflict, "there is a snapshot `\(name)` already", hint: "choose another name, or add --replace",
        span: call.span(of: "name"))
    }
    let note = try call.optionalString("note")
    session.changes.snapshots.append(.take(name: name, note: note, replace: replaces))
    return .record(
      Record([
        ("snapshot", .string(name)), ("names", .int(try session.workspace.names().count)),
        ("note", note.map(Value.string) ?? .null),
      ]))
  }
}
