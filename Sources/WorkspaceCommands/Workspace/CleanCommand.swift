import Base
import Language
import Session
import Workspace

/// Frees space in the workspace.
struct CleanCommand: Command {
  static let signature = Signature("clean", in: "workspace", "Removes stored objects that nothing refers to")
    .effect(.session(.manages))
    .takesAway()
    .flag("caches", "Also remove cached predictions and core features; they are computed again when needed")
    .flag("dropped", "Also remove versions that no name, snapshot, undo or redo can reach any more")
    .flag("undo", "Also give up what undo and redo could bring back; snapshots stay")
    .returns(.record)
    .searchTerms("space", "disk", "gc", "garbage", "cache")
    .details(
      """
      clean keeps every version that undo, redo or a snapshot can reach. It counts those that no name points to, and the bytes \
      that they take. `clean --undo` gives up undo and redo; `snapshot NAME --delete` gives up a snapshot.
      """)

  static let examples = [Example("clean", "Remove objects that nothing refers to")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let removed = try session.workspace.clean(
      caches: call.isSet("caches"), dropped: call.isSet("dropped"), undo: call.isSet("undo"))
    let kept = try session.workspace.kept()
    return .record(
      Record([
        ("objects", .int(removed.count)), ("bytes", .int(removed.bytes)),
        ("kept_for_undo", .int(kept.undo.versions)), ("kept_for_undo_bytes", .int(kept.undo.bytes)),
        ("kept_for_snapshots", .int(kept.snapshots.versions)),
        ("kept_for_snapshots_bytes", .int(kept.snapshots.bytes)),
      ]))
  }
}
