import Base
import GRDB

/// An undo, a redo or a restored snapshot, as `Workspace.planUndo`, `planRedo` and `planRestore` plan it.
public struct Travel: Sendable, Equatable {
  public enum Kind: String, Sendable { case undo, redo, restore }

  public var kind: Kind
  /// The step that is undone or redone; nil for a restored snapshot.
  public var step: Int64?
  /// The entry that made the step.
  public var entry: Int64?
  /// For each pointer: its version when this was planned, and its version afterwards.
  public var moves: [PointerMove]
}

extension Travel {
  /// Moves of names within an entry, as for a restored snapshot; refused where another shell has moved one of them.
  package init(restoring moves: [PointerMove]) { self.init(kind: .restore, step: nil, entry: nil, moves: moves) }
}

/// Moves pointers for one commit and records their earlier versions, which `undo` reads.
struct MoveLog {
  let entry: Int64
  let session: String
  private var changeStep: Int64?

  init(entry: Int64, session: String) {
    self.entry = entry
    self.session = session
  }

  mutating func point(_ pointer: Pointer, to version: Int64?, in db: Database) throws {
    let step = try changeStep ?? Self.step("change", of: entry, in: db)
    changeStep = step
    try Self.move(pointer, to: version, step: step, in: db)
  }

  /// Undoes or redoes a step. Refuses it where another shell has moved a pointer in the meantime.
  mutating func take(_ travel: Travel, in db: Database) throws {
    for move in travel.moves where try move.pointer.version(in: db) != move.before {
      throw Failure(
        .conflict, "another shell has changed \(try Workspace.phrase(move.pointer, in: db)) in the meantime",
        hint: "nothing was changed; look with `history`, then try again")
    }
    guard let target = travel.step, travel.kind != .restore else {
      for move in travel.moves { try point(move.pointer, to: move.after, in: db) }
      return
    }
    let (from, to) = travel.kind == .undo ? ("done", "undone") : ("undone", "done")
    try db.execute(
      sql: "UPDATE step SET state = ?, undone_by = ? WHERE id = ? AND state = ?",
      arguments: [to, travel.kind == .undo ? entry : nil, target, from])
    guard db.changesCount == 1 else {
      throw Failure(.conflict, "another shell has taken this step in the meantime", hint: "look with `history`")
    }
    let step = try Self.step(travel.kind.rawValue, of: entry, in: db)
    try db.execute(sql: "INSERT INTO travel (step, target) VALUES (?, ?)", arguments: [step, target])
    for move in travel.moves { try Self.move(move.pointer, to: move.after, step: step, in: db) }
  }

  /// Ends the log. After a real change, the steps that this session has undone, and those that ended sessions have
  /// undone, can't be redone any more.
  func close(in db: Database) throws {
    guard let changeStep else { return }
    try db.execute(sql: "DELETE FROM move WHERE step = ? AND before IS after", arguments: [changeStep])
    let moves = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM move WHERE step = ?", arguments: [changeStep]) ?? 0
    guard moves > 0 else {
      try db.execute(
        sql: "DELETE FROM step WHERE id = ? AND id NOT IN (SELECT target FROM travel)", arguments: [changeStep])
      return
    }
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT step.id, entry.session, entry.process FROM step JOIN entry ON entry.id = step.undone_by
        WHERE step.state = 'undone' AND step.kind = 'change'
        """)
    for row in rows {
      let undoer: String = try row.value("session")
      let mayGoOn = ProcessIdentity(encoded: try row.value("process"))?.mayBeAlive == true
      guard undoer == session || !mayGoOn else { continue }
      let id: Int64 = try row.value("id")
      try db.execute(sql: "UPDATE step SET state = 'left' WHERE id = ?", arguments: [id])
    }
  }

  /// The entry's step of a kind. It is made when it is first needed; after it was undone, a new one is made.
  private static func step(_ kind: String, of entry: Int64, in db: Database) throws -> Int64 {
    if let known = try Int64.fetchOne(
      db, sql: "SELECT id FROM step WHERE entry = ? AND kind = ? AND state = 'done'", arguments: [entry, kind])
    {
      return known
    }
    try db.execute(sql: "INSERT INTO step (entry, kind, state) VALUES (?, ?, 'done')", arguments: [entry, kind])
    return db.lastInsertedRowID
  }

  /// Where a step moves a pointer several times, the version before the first move counts as the one before the step.
  private static func move(_ pointer: Pointer, to version: Int64?, step: Int64, in db: Database) throws {
    let before = try pointer.version(in: db)
    try db.execute(
      sql: """
        INSERT INTO move (step, space, name, before, after) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (step, space, name) DO UPDATE SET after = excluded.after
        """, arguments: [step, pointer.space.rawValue, pointer.name, before, version])
    try pointer.set(version, in: db)
  }
}
