import Base
import GRDB

extension Workspace {
  /// The moves that undo the last `count` steps.
  ///
  /// This session's own steps are undone first, the newest first, then steps from before its first one. In a session
  /// without changes of its own, the newest step of all is the first.
  /// - Parameter entry: undo all steps back to this entry, with it, whatever `count` is.
  /// - Throws: `missing` where there are fewer steps, `conflict` where another session has changed the same names
  ///   later.
  public func planUndo(count: Int, to entry: Int64? = nil) throws -> [Travel] {
    try read { db in
      let steps = try Self.undoable(by: session, in: db)
      var wanted = count
      if let entry {
        guard let index = steps.firstIndex(where: { $0.entry == entry }) else {
          throw Failure(
            .missing, "entry \(entry) has no change that could be undone",
            hint: "the column `changed` of `history` lists what each entry changed")
        }
        wanted = index + 1
      }
      return try Self.plan(.undo, steps, wanted, in: db)
    }
  }

  /// The entries whose changes are undone.
  public func undoneEntries() throws -> Set<Int64> {
    try read { db in
      Set(
        try Int64.fetchAll(
          db, sql: "SELECT entry FROM step WHERE kind = 'change' AND state IN ('undone', 'left')"))
    }
  }

  /// The last entry before `entry` that gave a name its version and is not undone.
  public func entry(naming name: String, before entry: Int64) throws -> Int64? {
    try read { db in
      try Int64.fetchOne(
        db,
        sql: """
          SELECT MAX(step.entry) FROM move JOIN step ON step.id = move.step
          WHERE space = 'name' AND name = ? AND after IS NOT NULL AND step.entry < ? AND kind = 'change'
            AND state NOT IN ('undone', 'left')
          """, arguments: [name, entry])
    }
  }

  /// The moves that redo the last `count` undone steps.
  public func planRedo(count: Int) throws -> [Travel] {
    try read { db in try Self.plan(.redo, Self.redoable(by: session, in: db), count, in: db) }
  }

  private struct Step {
    var id: Int64
    var entry: Int64

    init(_ row: Row) throws {
      id = try row.value("id")
      entry = try row.value("entry")
    }
  }

  private static func undoable(by session: String, in db: Database) throws -> [Step] {
    let first =
      try Int64.fetchOne(
        db,
        sql:
          "SELECT MIN(step.id) FROM step JOIN entry ON entry.id = step.entry WHERE entry.session = ? AND kind = 'change'",
        arguments: [session]) ?? .max
    return try Row.fetchAll(
      db,
      sql: """
        SELECT step.id, step.entry FROM step JOIN entry ON entry.id = step.entry
        WHERE kind = 'change' AND state = 'done' AND (entry.session = ? OR step.id < ?)
        ORDER BY entry.session = ? DESC, step.id DESC
        """, arguments: [session, first, session]
    ).map(Step.init)
  }

  private static func redoable(by session: String, in db: Database) throws -> [Step] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT step.id, step.entry FROM step JOIN entry ON entry.id = step.undone_by
        WHERE kind = 'change' AND state = 'undone' ORDER BY entry.session = ? DESC, step.id
        """, arguments: [session]
    ).map(Step.init)
  }

  private static func plan(_ kind: Travel.Kind, _ steps: [Step], _ count: Int, in db: Database) throws -> [Travel] {
    guard !steps.isEmpty else {
      throw Failure(
        .missing, "there is nothing to \(kind.rawValue)",
        hint: kind == .undo
          ? "entries that changed names, versions or calibrations can be undone"
          : "an undone change can be done again, until you change something else")
    }
    guard steps.count >= count else {
      throw Failure(
        .missing,
        "only \(steps.count) \(steps.count == 1 ? "entry" : "entries") can be \(kind == .undo ? "undone" : "redone")",
        hint: "`\(kind.rawValue) \(steps.count)`")
    }
    var pointers = try Pointer.all(in: db)
    return try steps.prefix(count).map { step in
      var moves = try self.moves(of: step.id, in: db)
      if kind == .undo { moves = moves.map(\.reversed) }
      for move in moves {
        guard pointers[move.pointer] == move.before else {
          throw try changedSince(move.pointer, kind, step.entry, in: db)
        }
        pointers[move.pointer] = move.after
      }
      return Travel(kind: kind, step: step.id, entry: step.entry, moves: moves)
    }
  }

  static func moves(of step: Int64, in db: Database) throws -> [PointerMove] {
    try Row.fetchAll(db, sql: "SELECT * FROM move WHERE step = ? ORDER BY space DESC, name", arguments: [step]).map {
      PointerMove(try Pointer($0), before: try $0.optional("before"), after: try $0.optional("after"))
    }
  }

  /// The failure for a step whose pointer was moved by another session later.
  private static func changedSince(
    _ pointer: Pointer, _ kind: Travel.Kind, _ entry: Int64, in db: Database
  ) throws -> Failure {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT entry.id, entry.source FROM move JOIN step ON step.id = move.step JOIN entry ON entry.id = step.entry
        WHERE move.space = ? AND move.name = ? ORDER BY step.id DESC LIMIT 1
        """, arguments: [pointer.space.rawValue, pointer.name])
    let culprit = try row.map { row -> String in
      let id: Int64 = try row.value("id")
      let source: String = try row.value("source")
      return "entry \(id) of another session (`\(source.prefix(60))`)"
    }
    return Failure(
      .conflict,
      "entry \(entry) can't be \(kind == .undo ? "undone" : "redone"): \(try phrase(pointer, in: db)) was changed later by \(culprit ?? "another session")",
      hint: "undo it there first; nothing was changed here")
  }

  /// `` `twin` ``, or "the calibration of SESSION/STIM".
  static func phrase(_ pointer: Pointer, in db: Database) throws -> String {
    guard pointer.space == .calibration else { return "`\(pointer.name)`" }
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT json_extract(payload, '$.session') AS session, json_extract(payload, '$.stimulus') AS stimulus
        FROM version JOIN calibration ON calibration.version = version.id WHERE calibration.key = ?
        """, arguments: [pointer.name])
    guard let session: String = row?["session"], let stimulus: String = row?["stimulus"] else { return "a calibration" }
    return "the calibration of \(session)/\(stimulus)"
  }
}
