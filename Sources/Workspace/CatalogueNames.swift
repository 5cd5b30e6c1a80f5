import GRDB

/// Names alone, for completion: what they point to stays unread, and none of this looks at scores.
extension Workspace {
  /// Names of objects of these kinds, all where nil, in alphabetical order.
  public func objectNames(kinds: Set<Payload.Kind>? = nil) throws -> [String] {
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

  /// Names of snapshots, oldest first.
  public func snapshotNames() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT name FROM snapshot ORDER BY created, name") }
  }

  /// Numbers of the last entries, newest first.
  public func latestEntries(limit: Int) throws -> [Int] {
    try read { try Int.fetchAll($0, sql: "SELECT id FROM entry ORDER BY id DESC LIMIT ?", arguments: [limit]) }
  }
}
