import Base
import Language
import Workspace

/// The result of undo, redo and restore: what each name has now.
package enum TravelTable {
  package struct Row: Sendable {
    var entry: Int?
    var name: String
    var kind: String
    var now: String
    var command: String?
  }

  package static let columns = TableShape<Row>([
    .int("entry", "Entry that is undone or redone") { $0.entry },
    .string("name", "Name that changes, or the stimulus of a calibration") { $0.name },
    .string("kind", "Kind of object") { $0.kind },
    .string("now", "What the name has now") { $0.now },
    .string("command", "Text of the entry") { $0.command },
  ])

  package static func count(_ call: Call) throws -> Int {
    let count = try call.optionalInt("count") ?? 1
    guard count > 0 else {
      throw Failure(.usage, "\(call.signature.name) takes a positive number", span: call.span(of: "count"))
    }
    return count
  }

  /// A row for each name that moves, in the order of the steps.
  package static func make(_ plan: [Travel], in workspace: Workspace) throws -> Table {
    var rows: [Row] = []
    for travel in plan {
      let source = try travel.entry.map { try workspace.entry($0).source }
      for move in travel.moves {
        guard let known = move.after ?? move.before else { continue }
        let version = try workspace.version(known)
        rows.append(
          Row(
            entry: travel.entry.map(Int.init),
            name: try move.pointer.space == .name ? move.pointer.name : version.object.inForce,
            kind: version.kind.rawValue, now: state(move, version), command: source))
      }
    }
    return columns.table(rows)
  }

  private static func state(_ move: PointerMove, _ version: VersionRecord) -> String {
    guard move.after != nil else { return "gone" }
    return (move.before == nil ? "restored" : "another version") + " (from entry \(version.entry))"
  }
}
