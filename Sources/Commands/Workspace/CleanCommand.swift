import Base
import Language
import Session
import Workspace

/// Frees space in the workspace.
struct CleanCommand: Command {
  static let signature = Signature("clean", in: "workspace", "Removes stored objects that nothing refers to")
    .effect(.session(.manages))
    .flag("caches", "Also remove cached predictions and core features; they are made again when needed")
    .flag("dropped", "Also remove what no name, snapshot, undo or redo reaches any more")
    .flag("undo", "Also forget what undo and redo could bring back; snapshots stay")
    .returns(.record)
    .searchTerms("space", "disk", "gc", "garbage", "cache")
    .details(
      """
      What undo, redo and snapshots reach is kept, and counted: versions that no name points to, and the bytes that would go \
      with them. `clean --undo` gives up undo and redo, `snapshot NAME --delete` a snapshot.
      """)

  static let examples = [Example("clean", "Free what nothing needs")]

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
