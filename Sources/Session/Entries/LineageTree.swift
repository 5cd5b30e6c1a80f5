import Base
import Workspace

/// What is behind a version or a file, walked from the newest to the oldest.
package struct LineageTree {
  package struct Node {
    package var depth: Int
    package var kind: String
    package var name: String
    package var entry: Int64?
    package var command: String?
    package var detail: String?
    /// What was changed since; nil where it is as it was.
    package var change: String?
  }

  private let workspace: Workspace
  private let files: FileCheck
  package private(set) var nodes: [Node] = []
  private var told: Set<Int64> = []
  private var toldEntries: Set<Int64> = []
  /// A longer chain is cut, and a line says so.
  private static let deepest = 64

  package init(session: Session) {
    workspace = session.workspace
    files = FileCheck(workspace: session.workspace)
  }

  /// A file that an entry wrote, and what the entry read.
  package mutating func add(_ file: WrittenFile, writtenBy id: Int64) throws {
    let entry = try workspace.entry(id)
    let state = try files.state(ofWritten: file)
    nodes.append(
      Node(
        depth: 0, kind: "file", name: file.path, entry: id, command: entry.source,
        detail: "\(file.byteCount) bytes, sha256 \(file.digest.prefix(12))", change: state))
    try addInputs(of: id, except: [], depth: 1)
  }

  /// An entry's result, and what the entry read.
  package mutating func add(entry: EntryRecord) throws {
    nodes.append(
      Node(
        depth: 0, kind: "entry", name: "result", entry: entry.id, command: entry.source,
        detail: "\(entry.origin), \(entry.result.map { "sha256 \($0.prefix(12))" } ?? entry.status.rawValue)"))
    try addMetrics(of: entry.id, depth: 1)
    let own = Set(try workspace.versions(madeBy: entry.id).map(\.version.id))
    try addInputs(of: entry.id, except: own, depth: 1)
  }

  private mutating func addMetrics(of entry: Int64, depth: Int) throws {
    for metric in try workspace.metrics(of: entry) {
      nodes.append(
        Node(
          depth: depth, kind: "metric", name: metric.metric,
          detail: "version \(metric.metricVersion), split \(metric.split), \(metric.cells) cells"))
    }
  }

  /// A version, and what it was made from.
  package mutating func add(_ id: Int64, detail: String?, depth: Int) throws {
    let record = try workspace.version(id)
    let name = try workspace.name(of: id) ?? record.object.nameless
    let entry = try workspace.entry(record.entry)
    let isSelected = (record.payload as? TwinPayload)?.isSelected == true
    let detail = isSelected ? [detail, TwinPayload.selectedNote].compactMap(\.self).joined(separator: ", ") : detail
    var node = Node(
      depth: depth, kind: record.kind.rawValue, name: name, entry: record.entry, command: entry.source, detail: detail)
    guard told.insert(id).inserted, depth < Self.deepest else {
      node.command = nil
      node.detail = [detail, told.contains(id) ? "as above" : "…"].compactMap(\.self).joined(separator: ", ")
      nodes.append(node)
      return
    }
    switch try workspace.succession(of: id) {
    case .current: break
    case .dropped: node.change = "no name points to it any more"
    case .replaced(let name, let now):
      // A later version under the same name, or one with the same content, is not listed apart.
      let newer = try workspace.version(now)
      if told.contains(now) || newer.payload.content == record.payload.content { break }
      let quoted = name.contains(" ") ? name : "`\(name)`"
      node.change = "\(quoted) points to what entry \(newer.entry) made since"
    }
    nodes.append(node)
    // What was made from a twin depends on the twin's checkpoint, which is listed there.
    if record.parent == nil {
      for file in record.payload.files {
        nodes.append(
          Node(
            depth: depth + 1, kind: "file", name: file.path, entry: nil, command: nil,
            detail: "\(file.byteCount) bytes, sha256 \(file.fingerprint.prefix(12))", change: try files.problem(file)))
      }
    }
    if record.kind == .table { try addMetrics(of: record.entry, depth: depth + 1) }
    let own = Set(try workspace.versions(madeBy: record.entry).map(\.version.id))
    let read = try addInputs(of: record.entry, except: own, depth: depth + 1)
    for source in ([record.parent].compactMap(\.self) + record.payload.sources)
    where !read.contains(source) && !own.contains(source) {
      try add(source, detail: source == record.parent ? "its version before" : nil, depth: depth + 1)
    }
  }

  /// - Returns: the versions that were told.
  @discardableResult
  private mutating func addInputs(of entry: Int64, except: Set<Int64>, depth: Int) throws -> Set<Int64> {
    var read: Set<Int64> = []
    let inputs = try workspace.inputs(of: entry)
    for input in inputs {
      if let version = input.version {
        guard !except.contains(version), read.insert(version).inserted else { continue }
        // One version may have been read in several ways.
        let details = inputs.filter { $0.version == version }.map(\.detail)
        try add(version, detail: details.joined(separator: "; "), depth: depth)
      } else if let earlier = input.earlierEntry {
        guard toldEntries.insert(earlier).inserted, depth < Self.deepest else { continue }
        nodes.append(
          Node(
            depth: depth, kind: "entry", name: input.detail.split(separator: " ").dropFirst(3).joined(separator: " "),
            entry: earlier, command: try workspace.entry(earlier).source))
        try addInputs(of: earlier, except: except, depth: depth + 1)
      } else {
        nodes.append(Node(depth: depth, kind: input.role, name: input.detail))
      }
    }
    return read
  }

  /// One line for each, set in by depth.
  package func lines() -> [String] {
    nodes.map { node in
      var text = String(repeating: "  ", count: node.depth) + "\(node.kind) \(node.name)"
      if let detail = node.detail { text += " (\(detail))" }
      if let entry = node.entry { text += ", entry \(entry)" }
      if let command = node.command { text += ": \(command.split(separator: "\n").joined(separator: " "))" }
      return text
    }
  }

  /// What is not as it was.
  package var changes: [String] {
    nodes.compactMap { node in
      guard let change = node.change else { return nil }
      return node.kind == "file"
        ? change : "\(node.kind) \(node.name), entry \(node.entry.map(String.init) ?? ""): \(change)"
    }
  }

  package static let columns = TableShape<Node>([
    .int("depth", "0 for the thing itself; what it was made from is one deeper") { $0.depth },
    .string("kind", "Kind of object, `entry`, `file` or `metric`") { $0.kind },
    .string("name", "Its name, or the path of the file") { $0.name },
    .int("entry", "Entry that made it") { $0.entry.map(Int.init) },
    .string("detail", "Digest, split, seed and the like") { $0.detail },
    .string("state", "`unchanged`, or what changed since") { $0.change ?? "unchanged" },
    .string("command", "Text of the entry") { $0.command },
  ])

  package func table() -> Table { Self.columns.table(nodes) }
}
