import Base
import Language
import Workspace

/// What undo, redo and restore tell: what became of each name.
package enum TravelTable {
  package static let signature = [
    ColumnSignature("entry", "int"), ColumnSignature("name", "string"), ColumnSignature("kind", "string"),
    ColumnSignature("now", "string"), ColumnSignature("command", "string"),
  ]

  package static func count(_ call: Call) throws -> Int {
    let count = try call.optionalInt("count") ?? 1
    guard count > 0 else {
      throw Failure(.usage, "\(call.signature.name) takes a positive number", span: call.span(of: "count"))
    }
    return count
  }

  /// A row for each name that moves, in the order of the steps.
  package static func make(_ plan: [Travel], in workspace: Workspace) throws -> Table {
    var entries: [Int?] = []
    var names: [String?] = []
    var kinds: [String?] = []
    var states: [String?] = []
    var commands: [String?] = []
    for travel in plan {
      let source = try travel.entry.map { try workspace.entry($0).source }
      for move in travel.moves {
        guard let known = move.after ?? move.before else { continue }
        let version = try workspace.version(known)
        entries.append(travel.entry.map(Int.init))
        names.append(try move.pointer.space == .name ? move.pointer.name : version.object.inForce)
        kinds.append(version.kind.rawValue)
        states.append(state(move, version))
        commands.append(source)
      }
    }
    return Table([
      Column("entry", entries), Column("name", names), Column("kind", kinds), Column("now", states),
      Column("command", commands),
    ])
  }

  private static func state(_ move: PointerMove, _ version: VersionRecord) -> String {
    guard move.after != nil else { return "gone" }
    return (move.before == nil ? "there again" : "another version") + ", as entry \(version.entry) made it"
  }
}
