import Base
import Language
import Workspace

extension Session {
  /// The names in the workspace as the checker needs them; nil where the catalogue can't be read.
  public var namedObjects: [NamedObject]? {
    (try? workspace.names(kinds: nil))?.map { item in
      var stimuli: [String]?
      if case .recording(let payload) = item.version.payload { stimuli = payload.stimuli.map(\.name) }
      return NamedObject(item.name, kind: item.version.kind.rawValue, parts: stimuli)
    }
  }
}
