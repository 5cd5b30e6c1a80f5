import Foundation
import GRDB

/// Names for completion and checks. Nothing here decodes payloads or reads scores, so it is fast.
extension Workspace {
  /// Names of objects of these kinds, all where nil, in alphabetical order.
  public func objectNames(kinds: Set<KindName>? = nil) throws -> [String] {
    guard let kinds else { return try read { try String.fetchAll($0, sql: "SELECT name FROM name ORDER BY name") } }
    let marks = kinds.map { _ in "?" }.joined(separator: ", ")
    return try read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT name.name FROM name JOIN version ON version.id = name.version
          WHERE version.kind IN (\(marks)) ORDER BY name.name
          """, arguments: StatementArguments(kinds.map(\.rawValue).sorted()))
    }
  }

  /// All names with their kinds, and the stimuli of recordings.
  public func objectKinds() throws -> [(name: String, kind: String, stimuli: [String]?)] {
    let rows = try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT name.name, version.kind, CASE version.kind WHEN 'recording' THEN
            (SELECT json_group_array(json_extract(s.value, '$.name')) FROM json_each(version.payload, '$.stimuli') s)
            END AS stimuli
          FROM name JOIN version ON version.id = name.version ORDER BY name.name
          """)
    }
    return try rows.map { row in
      let stimuli: String? = try row.optional("stimuli")
      return (
        try row.value("name"), try row.value("kind"),
        stimuli.flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
      )
    }
  }

  /// Names of snapshots, oldest first.
  public func snapshotNames() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT name FROM snapshot ORDER BY created, name") }
  }

  /// Numbers of the last entries, newest first.
  public func latestEntries(limit: Int) throws -> [Int] {
    try read { try Int.fetchAll($0, sql: "SELECT id FROM entry ORDER BY id DESC LIMIT ?", arguments: [limit]) }
  }
}
