import Base
import GRDB

/// Which names stand for which content, among those that begin like a taken one: `scores-j01` and `scores-j02` beside
/// `scores`. They are read once for many workspaces.
struct NamesOfContent {
  /// Names by the digest of their content, by the taken name.
  private var known: [String: [String: String]] = [:]

  /// The first name `NAME-…` that stands for this content; nil where there is none.
  mutating func name(
    of content: String, beside name: String, in db: Database, _ payloads: PayloadTable
  ) throws -> String? {
    if known[name] == nil { known[name] = try Self.read(name + "-", db, payloads) }
    return known[name]?[Digest.of(content)]
  }

  /// Takes a name that was just made.
  mutating func add(_ name: String, of content: String, beside taken: String) {
    let digest = Digest.of(content)
    known[taken, default: [:]][digest] = known[taken]?[digest] ?? name
  }

  private static func read(_ start: String, _ db: Database, _ payloads: PayloadTable) throws -> [String: String] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT name.name AS name, version.kind AS kind, version.payload AS payload
        FROM name JOIN version ON version.id = name.version WHERE substr(name.name, 1, ?) = ? ORDER BY name.name
        """, arguments: [start.unicodeScalars.count, start])
    var found: [String: String] = [:]
    for row in rows {
      let payload = try payloads.decode(kind: try row.value("kind"), try row.value("payload"))
      let digest = Digest.of(payload.content)
      if found[digest] == nil { found[digest] = try row.value("name") }
    }
    return found
  }
}
