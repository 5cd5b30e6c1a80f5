import Base
import Language
import Workspace

/// Frees space in the workspace.
struct Clean: Command {
  static let signature = Signature("clean", in: "workspace", "Removes stored objects that nothing refers to")
    .flag("caches", "Also remove cached predictions and core features; they are made again when needed")
    .flag("dropped", "Also remove what dropped and replaced names held")
    .returns(.record)
    .searchTerms("space", "disk", "gc", "garbage", "cache")

  static let examples = [Example("clean", "Free what nothing needs")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let removed = try session.workspace.clean(caches: call.isSet("caches"), dropped: call.isSet("dropped"))
    return .record(Record([("objects", .int(removed.count)), ("bytes", .int(removed.bytes))]))
  }
}
