import Base
import Workspace

extension Session {
  package func loadTwin(_ name: String, at span: SourceSpan? = nil) throws -> LoadedTwin {
    try loadTwin(name, record: lookup(name, kinds: [.twin], at: span))
  }

  package func loadTwin(_ name: String, record: VersionRecord) throws -> LoadedTwin {
    if let loaded = loadedTwins[record.id], loaded.isCurrent { return loaded }
    guard case .twin(let payload) = record.payload else {
      throw Failure(.mismatch, "`\(name)` is a \(record.kind.rawValue), not a twin")
    }
    let twin = try LoadedTwin(name: name, record: record, payload: payload, workspace: workspace)
    if loadedTwins.count >= Self.keptTwins { loadedTwins.removeAll() }
    loadedTwins[record.id] = twin
    return twin
  }
}
