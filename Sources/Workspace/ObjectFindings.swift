import Base
import GRDB

extension Workspace {
  /// An object that is not as it was stored, and one of those that need it.
  public struct ObjectFinding: Sendable, Equatable {
    public enum State: String, Sendable { case missing, damaged }
    public enum User: Sendable, Equatable {
      /// A version, and the names that point to it now.
      case version(names: [String], kind: String)
      /// What an entry printed: `out N`.
      case result
      case variable(String)
      /// A block of predictions or features, which is computed again.
      case cache(twin: String, stimulus: String)
    }

    public let digest: String
    public let state: State
    public let user: User
    /// The entry that made it; nil for a cached block.
    public let entry: Int64?
  }

  /// Digests of the objects to which anything refers.
  public func neededObjects() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT digest FROM (\(Self.needed)) ORDER BY digest") }
  }

  /// Compares an object's bytes with its digest. Nil where they agree; else who needs it.
  ///
  /// - Throws: what the system says where the file can't be read.
  public func findings(on digest: String) throws -> [ObjectFinding]? {
    let state: ObjectFinding.State
    if !objects.contains(digest) {
      state = .missing
    } else if try objects.isWhole(digest) {
      return nil
    } else {
      state = .damaged
    }
    return try users(of: digest).map { ObjectFinding(digest: digest, state: state, user: $0.user, entry: $0.entry) }
  }

  private func users(of digest: String) throws -> [(user: ObjectFinding.User, entry: Int64?)] {
    try read { db in
      var users: [(user: ObjectFinding.User, entry: Int64?)] = []
      let versions = try Row.fetchAll(
        db,
        sql: """
          SELECT version.id AS id, version.entry AS entry, version.kind AS kind FROM version_object
          JOIN version ON version.id = version_object.version WHERE digest = ? ORDER BY version.id
          """, arguments: [digest])
      for row in versions {
        let id: Int64 = try row.value("id")
        let names = try String.fetchAll(
          db, sql: "SELECT name FROM name WHERE version = ? ORDER BY name", arguments: [id])
        users.append((.version(names: names, kind: try row.value("kind")), try row.value("entry")))
      }
      for row in try Row.fetchAll(db, sql: "SELECT id FROM entry WHERE result = ? ORDER BY id", arguments: [digest]) {
        users.append((.result, try row.value("id")))
      }
      let variables = try Row.fetchAll(
        db, sql: "SELECT name, entry FROM variable WHERE digest = ? ORDER BY name", arguments: [digest])
      for row in variables { users.append((.variable(try row.value("name")), try row.value("entry"))) }
      for row in try Row.fetchAll(
        db, sql: "SELECT DISTINCT twin, stimulus FROM cache WHERE digest = ? ORDER BY twin, stimulus",
        arguments: [digest])
      {
        users.append((.cache(twin: try row.value("twin"), stimulus: try row.value("stimulus")), nil))
      }
      return users
    }
  }
}
