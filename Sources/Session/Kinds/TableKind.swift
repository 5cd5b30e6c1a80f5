import Base
import Formats
import Language
import Workspace

/// A table that a command made, or that a cache of receptive fields holds.
extension TablePayload: ObjectKind {
  package static var isExported: Bool { true }

  package static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer? {
    guard let cache = try file.evaluationCache(), cache.kind == .receptiveFields else { return nil }
    return .table(try CachedReceptiveFields(cache, for: request).open())
  }

  package var opened: Record { Record([("rows", .int(rows))]) }
  package var cellCount: Int? { nil }

  package var line: String {
    "\(rows) rows: \(columns.prefix(4).joined(separator: ", "))\(columns.count > 4 ? ", …" : "")"
  }

  package func value(in workspace: Workspace) throws -> Value? { try workspace.value(object) }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    try session.workspace.value(object)
  }

  package func difference(from earlier: TablePayload, by comparison: ObjectComparison) throws -> String? {
    try comparison.values(earlier.object, object)
  }
}
