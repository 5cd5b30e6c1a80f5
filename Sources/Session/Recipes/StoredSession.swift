import Base
import Foundation
import Language
import Rendering
import Workspace

/// A document of entries, from what is stored of them.
package struct StoredSession {
  package let session: Session

  package init(session: Session) { self.session = session }

  private var workspace: Workspace { session.workspace }

  package func document(of entries: [EntryRecord]) throws -> SessionDocument {
    let kept = entries.filter { !isPassedOver($0) }
    let traffic = try workspace.traffic(of: kept.map(\.id))
    let sessions = Set(kept.map(\.session))
    let day = kept.first.map { $0.started.formatted(.iso8601.year().month().day()) }
    let folder = URL(filePath: workspace.root).lastPathComponent
    return SessionDocument(
      title: "vcsh session" + (day.map { " of \($0)" } ?? ""),
      facts: [
        "workspace \(folder)",
        sessions.count == 1 ? "session \(kept.first?.session.prefix(8) ?? "")" : "\(sessions.count) sessions",
      ], entries: try kept.map { try entry($0, traffic[$0.id] ?? EntryTraffic()) })
  }

  /// Documents leave out what wrote documents: so two of the same session are the same.
  private func isPassedOver(_ entry: EntryRecord) -> Bool {
    guard let text = try? EntryText(entry, commands: session.commands) else { return false }
    if text.exportsSession { return true }
    // `exit` says nothing to a reader.
    guard let name = text.stages.first?.name, let signature = session.signatures[name] else { return false }
    return signature.effect == .session(.manages) && signature.result == .nothing
  }

  private func entry(_ entry: EntryRecord, _ traffic: EntryTraffic) throws -> SessionDocument.Entry {
    var (result, remark) = (Value.null, String?.none)
    if let digest = entry.result {
      do {
        result = try workspace.value(digest)
      } catch let failure as Failure {
        remark = "its result can't be shown: \(failure.message)"
      }
    } else if isBlock(entry) {
      remark = "what a block shows is not kept"
    }
    return SessionDocument.Entry(
      number: Int(entry.id), command: entry.source, status: entry.status.rawValue, started: entry.started,
      seconds: entry.seconds, error: entry.error, result: result, remark: remark, names: traffic.changed,
      written: try workspace.files(writtenBy: entry.id).map {
        .init(path: $0.path, byteCount: $0.byteCount, digest: $0.digest)
      }, inputs: try inputs(of: entry.id))
  }

  private func isBlock(_ entry: EntryRecord) -> Bool {
    switch (try? EntryText(entry, commands: session.commands))?.program.statements.first?.kind {
    case .loop, .branch, .source: true
    default: false
    }
  }

  private func inputs(of entry: Int64) throws -> [SessionDocument.Input] {
    try workspace.inputs(of: entry).map { input in
      let files = try input.version.map { try workspace.version($0).payload.files } ?? []
      return SessionDocument.Input(
        role: input.role, detail: input.detail,
        files: files.map { .init(path: $0.path, byteCount: $0.byteCount, digest: $0.fingerprint) })
    }
  }
}

extension EntryText {
  /// Whether the entry writes a document of a session.
  var exportsSession: Bool {
    guard let stage = stages.first, stage.name == "export", let first = stage.arguments.first(where: { $0.flag == nil })
    else { return false }
    return first.value?.literalText == "session"
  }
}
