import Base
import Formats
import Foundation
import Language
import Workspace

/// A table that a command made, or that a cache of receptive fields holds.
extension TablePayload: ObjectKind {
  package static var isExported: Bool { true }

  package static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer? {
    if var table = try written(file) {
      let session = request.session
      if let note = table.note { session.note("\(file.path): \(note)") }
      table.note = nil
      let digest = try session.workspace.objects.put(ValueCodec.encode(.table(table)))
      let reference = try FileReference(reading: file.path, in: session.workspace)
      session.changes.inputs.append(
        .init(role: "file", version: nil, detail: "\(reference.path), file \(reference.fingerprint.prefix(12))"))
      let payload = TablePayload(rows: table.rowCount, columns: table.names, object: digest)
      try request.keep(payload, as: request.name(or: request.stem))
      return .table(table)
    }
    guard let cache = try file.evaluationCache(), cache.kind == .receptiveFields else { return nil }
    return .table(try CachedReceptiveFields(cache, for: request).open())
  }

  /// A table in a text file, whose ending says how it is written, or in an npz: what `save` and `export` write, and what
  /// other programs do. Nil for any other file.
  private static func written(_ file: CandidateFile) throws -> Table? {
    if let archive = try file.npz() { return try TableArrays.table(of: archive) }
    guard file.kind == .yaml else { return nil }
    switch (file.path as NSString).pathExtension.lowercased() {
    case "csv": return try SeparatedTableReader.table(path: file.path, isTabbed: false)
    case "tsv": return try SeparatedTableReader.table(path: file.path, isTabbed: true)
    case "json", "jsonl": return try JSONTableReader.table(path: file.path)
    default: return nil
    }
  }

  package var opened: Record { Record([("rows", .int(rows))]) }
  package var cellCount: Int? { nil }

  package var line: String {
    "\(rows.counted("row")): \(columns.prefix(4).joined(separator: ", "))\(columns.count > 4 ? ", …" : "")"
  }

  package func value(in workspace: Workspace) throws -> Value? { try workspace.value(object) }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    try session.workspace.value(object)
  }

  package func difference(from earlier: TablePayload, by comparison: ObjectComparison) throws -> String? {
    try comparison.values(earlier.object, object)
  }
}
