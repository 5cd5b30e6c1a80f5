import Base
import Language
import Workspace

extension Session {
  /// The names in the workspace as the checker needs them; nil where the catalogue can't be read.
  public var namedObjects: [NamedObject]? {
    (try? workspace.objectKinds())?.map { NamedObject($0.name, kind: $0.kind, parts: $0.stimuli) }
  }
}
