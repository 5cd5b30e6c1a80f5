import Base
import Formats
import Language
import Twin
import Workspace

/// A twin: a checkpoint that VisionCore's trainer wrote, and what was changed since.
extension TwinPayload: ObjectKind {
  package static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer? {
    guard let archive = try file.torch() else { return nil }
    return .object(try opened(Checkpoint(archive: archive), for: request), name: request.stem)
  }

  private static func opened(_ checkpoint: Checkpoint, for request: OpenRequest) throws -> TwinPayload {
    let session = request.session
    var datasets = DatasetConfigurations(heads: [], files: [])
    if let path = request.configuration ?? DatasetConfigurations.trained(with: checkpoint) {
      datasets = try DatasetConfigurations.read(path, with: request.yaml)
    }
    let named: [Head] = try datasets.heads.map {
      .init(
        session: $0.session, cids: $0.cids,
        configuration: try HeadOverrides.text(adapter: $0.adapter, readout: $0.readout))
    }
    // Built from what the catalogue will hold, so that the next command finds the same layers.
    let model = try OpenTwin(
      checkpoint, heads: named.map { try HeadConfiguration(stored: $0) }, stamp: request.stamp)
    if named.isEmpty, model.architecture.heads.count > 1 {
      session.note("the heads of \(checkpoint.path) have no names: add them with --config YAML")
    }
    let unnamed = model.architecture.heads.dropFirst(named.count).map { Head(session: $0.session, cids: $0.cids) }
    let payload = TwinPayload(
      checkpoint: FileReference(
        path: session.workspace.stored(path: checkpoint.path), byteCount: checkpoint.byteCount,
        fingerprint: checkpoint.fingerprint),
      configurationFiles: try datasets.files.map { try FileReference(reading: $0, in: session.workspace) },
      heads: named + unnamed)
    session.remember(model, of: payload)
    return payload
  }

  /// The same file again under the same name changes nothing, whatever was frozen since.
  package func isSame(as existing: TwinPayload) -> Bool {
    self == existing
      || existing.overlay == nil && existing.checkpoint == checkpoint && existing.heads == heads
        && existing.configurationFiles == configurationFiles
  }

  package var opened: Record {
    Record([
      ("heads", .int(heads.count)),
      ("sessions", .string(heads.map { $0.session ?? "(unnamed)" }.joined(separator: ", "))),
    ])
  }

  package var cellCount: Int? { heads.contains { $0.cids == nil } ? nil : cids.count }
  package var cids: [Int] { heads.flatMap { $0.cids ?? [] } }

  package var line: String {
    let frozen = frozen.isEmpty ? "" : ", frozen: \(frozen.joined(separator: " "))"
    return "\(heads.count) heads\(note.map { ", \($0)" } ?? "")\(frozen)"
  }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(name, record: record)
    return .report(
      try TwinReport.make(twin, input: call.optionalString("input"), session: session, call: call))
  }

  package func difference(from earlier: TwinPayload, by comparison: ObjectComparison) throws -> String? {
    guard let before = earlier.overlay, let now = overlay else { return "another checkpoint or other heads" }
    guard earlier.heads == heads else { return "other heads" }
    return try comparison.arrays(before, now)
  }
}
