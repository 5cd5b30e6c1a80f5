import Base
import Formats
import Foundation
import Language
import Workspace

/// The recordings that a parent YAML lists: every session whose folder of `.dset` files is found.
///
/// Folders are looked for as `<folder of the YAML>/<session>`, or `<data>/<session>` where a data folder is named.
package struct RecordingSet {
  let path: String
  let sessions: [String]
  private let data: String

  /// Nil for a YAML that lists no sessions.
  ///
  /// - Throws: `format` for a list with something else than names, or with a name twice.
  package init?(_ file: CandidateFile, for request: OpenRequest) throws {
    let path = file.path
    guard file.kind == .yaml, let node = try Self.node(path, request.yaml), node.mapValue != nil,
      let list = node["sessions"]
    else { return nil }
    guard let items = list.listValue, !items.isEmpty else {
      throw Failure(.format, "\(path): sessions: a list of names is expected, not \(list.kindName)")
    }
    sessions = try items.enumerated().map { index, item in
      guard let name = item.stringValue, !name.isEmpty else {
        throw Failure(.format, "\(path): sessions.\(index): a name is expected, not \(item.kindName)")
      }
      return name
    }
    self.path = path
    data = request.data ?? (path as NSString).deletingLastPathComponent
    if let twice = Dictionary(grouping: sessions, by: \.self).filter({ $1.count > 1 }).keys.min() {
      throw Failure(.format, "\(path): sessions: \(twice.shortened) is listed twice")
    }
  }

  /// What a text holds; nil where it is not YAML and is not called so.
  ///
  /// - Throws: why it can't be read, where its name says that it is YAML.
  private static func node(_ path: String, _ yaml: YAMLFiles) throws -> ConfigNode? {
    ["yaml", "yml"].contains((path as NSString).pathExtension.lowercased())
      ? try yaml.read(path) : try yaml.readable(path)
  }

  /// What became of one session.
  private struct Row {
    var session: String
    var name: String?
    var payload: RecordingPayload?
    var status: String
  }

  /// Opens each session's folder with `open`; what is new is kept.
  ///
  /// - Throws: `usage` for a name or a configuration, `missing` where no session has data, `conflict` where a name is
  ///   taken.
  func open(for request: OpenRequest, with open: (_ folder: String) throws -> RecordingPayload) throws -> Table {
    let (session, call) = (request.session, request.call)
    for (flag, reason) in [("name", "each recording gets its session's name"), ("config", "it is the configuration")]
    where call.isGiven(flag) {
      throw Failure(
        .usage, "\(request.given) lists \(sessions.count) sessions: \(reason)",
        hint: "leave out \(flag == "name" ? "`as`" : "--config")", span: call.span(of: flag))
    }
    var rows: [Row] = []
    var missing: [String] = []
    for name in sessions {
      try session.work.cancellation.check()
      guard let folder = folder(of: name) else {
        missing.append(name)
        rows.append(Row(session: name, status: "no data"))
        continue
      }
      do {
        rows.append(try add(open(folder), of: name, for: request))
      } catch let failure as Failure where ![.conflict, .interrupted].contains(failure.kind) {
        rows.append(Row(session: name, status: "failed"))
        session.note("\(name.shortened): \(failure.message)")
      }
    }
    guard missing.count < sessions.count else {
      throw Failure(
        .missing, "\(path): none of its \(sessions.count) sessions has a folder of .dset files in \(data)",
        hint: "--data DIR names the folder that holds them", span: call.span(of: "path"))
    }
    if !missing.isEmpty {
      let shown = missing.prefix(6).map(\.shortened).joined(separator: ", ") + (missing.count > 6 ? ", …" : "")
      session.note("no data of \(missing.count) among \(sessions.count) sessions in \(data): \(shown)")
    }
    return Table([
      Column("session", rows.map { Optional($0.session) }), Column("name", rows.map(\.name)),
      Column("cells", rows.map { $0.payload?.cids.count }),
      Column("stimuli", rows.map { $0.payload?.stimuli.map(\.name).joined(separator: ", ") }),
      Column("status", rows.map { Optional($0.status) }),
    ])
  }

  private func add(_ payload: RecordingPayload, of listed: String, for request: OpenRequest) throws -> Row {
    guard payload.session == listed else {
      throw Failure(.mismatch, "its folder holds the session \(payload.session.shortened)")
    }
    let name = Session.name(from: listed)
    let isNew = try request.keep(payload, as: name, at: "path")
    if request.session.changes.versions.count(where: { $0.name == name }) > 1 {
      throw Failure(.conflict, "two sessions would be called `\(name)`", span: request.call.span(of: "path"))
    }
    return Row(session: listed, name: name, payload: payload, status: isNew ? "opened" : "unchanged")
  }

  private func folder(of session: String) -> String? {
    let folder = URL(filePath: data).appending(path: session).standardizedFileURL.path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.contains { RecordingFolder.isDataset($0) && !$0.hasPrefix(".") } ? folder : nil
  }
}
