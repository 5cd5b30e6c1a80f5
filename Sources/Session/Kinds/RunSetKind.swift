import Base
import Formats
import Foundation
import Language
import Runs
import Workspace

/// A folder of runs that other tools left.
extension RunSetPayload: ObjectKind {
  package static let openFlags = ["glob"]

  package static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer? {
    guard file.kind == .directory else { return nil }
    let session = request.session
    let glob = try request.call.optionalString("glob")
    let isAsked = glob != nil
    guard isAsked || !RunFolder.isOther(file.path) else { return nil }
    let (count, table) = try session.readRuns(path: file.path, glob: glob) { set in
      (set.runs.count, set.runs.isEmpty ? Table() : try session.table(of: set))
    }
    guard count > 0 else {
      guard isAsked else { return nil }
      throw Failure(
        .missing, "\(request.given): no run in a folder that matches `\(glob ?? "")`",
        hint: "`*` also matches `/`; without --glob all folders are searched", span: request.call.span(of: "glob"))
    }
    let name = try request.name(or: file.path.split(separator: "/").last.map(String.init) ?? "runs")
    let payload = RunSetPayload(path: session.workspace.stored(path: file.path), glob: glob, count: count)
    try request.keep(payload, as: name)
    return .table(table)
  }

  package func isSame(as existing: RunSetPayload) -> Bool { path == existing.path && glob == existing.glob }
  package var opened: Record { Record([("runs", .int(count))]) }
  package var cellCount: Int? { nil }
  package var line: String { "\(count) runs below \(path)\(glob.map { ", folders `\($0)`" } ?? "")" }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    .table(try session.runSet(name, self, at: call.span(of: "name"), session.table))
  }

  package func value(in workspace: Workspace) throws -> Value? { nil }

  package func difference(from earlier: RunSetPayload, by comparison: ObjectComparison) throws -> String? {
    earlier.count == count ? nil : "\(earlier.count) runs then, \(count) now"
  }
}

/// What `open` asks before it searches a folder for runs.
enum RunFolder {
  /// Whether a folder is a recording, or weights in parts, without a look below it.
  static func isOther(_ path: String) -> Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.contains { name in
      [".dset", ".distcp", ".index.json", "_model_states.pt"].contains { name.lowercased().hasSuffix($0) }
        || [".metadata", ".zgroup", ".zarray", "zarr.json", "zero_to_fp32.py", "meta.pt"].contains(name)
    }
  }
}
