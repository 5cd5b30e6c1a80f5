import GRDB

/// The catalogue's tables. All SQL of vcsh is in this target. docs/workspace.md describes the tables for users.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { db in
      try db.execute(
        sql: """
          CREATE TABLE entry (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session TEXT NOT NULL,
            source TEXT NOT NULL,
            origin TEXT NOT NULL,
            started REAL NOT NULL,
            seconds REAL,
            status TEXT NOT NULL CHECK (status IN ('running', 'ok', 'failed', 'interrupted')),
            error TEXT,
            result TEXT,
            process TEXT NOT NULL
          );
          CREATE INDEX entry_status ON entry(status);

          CREATE TABLE version (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            label TEXT NOT NULL,
            entry INTEGER NOT NULL REFERENCES entry(id),
            parent INTEGER REFERENCES version(id),
            created REAL NOT NULL,
            payload TEXT NOT NULL
          );

          CREATE TABLE name (
            name TEXT PRIMARY KEY,
            version INTEGER NOT NULL REFERENCES version(id)
          ) WITHOUT ROWID;

          CREATE TABLE object (
            digest TEXT PRIMARY KEY,
            bytes INTEGER NOT NULL,
            created REAL NOT NULL
          ) WITHOUT ROWID;

          CREATE TABLE version_object (
            version INTEGER NOT NULL REFERENCES version(id),
            digest TEXT NOT NULL REFERENCES object(digest),
            PRIMARY KEY (version, digest)
          ) WITHOUT ROWID;

          CREATE TABLE input (
            entry INTEGER NOT NULL REFERENCES entry(id),
            role TEXT NOT NULL,
            version INTEGER REFERENCES version(id),
            detail TEXT NOT NULL
          );
          CREATE INDEX input_entry ON input(entry);

          CREATE TABLE metric (
            entry INTEGER NOT NULL REFERENCES entry(id),
            version INTEGER REFERENCES version(id),
            session TEXT NOT NULL,
            stimulus TEXT NOT NULL,
            split TEXT NOT NULL,
            head INTEGER,
            variant TEXT NOT NULL,
            cid INTEGER NOT NULL,
            metric TEXT NOT NULL,
            metric_version INTEGER NOT NULL,
            value REAL,
            reason TEXT
          );
          CREATE INDEX metric_subject ON metric(version, session, stimulus, metric);

          CREATE TABLE cache (
            key TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            digest TEXT NOT NULL REFERENCES object(digest),
            detail TEXT NOT NULL,
            created REAL NOT NULL
          ) WITHOUT ROWID;
          """)
    }
    // Caches of blocks replace caches of whole answers. What v1 cached is computed again; `clean` removes its objects.
    migrator.registerMigration("v2") { db in
      try db.execute(
        sql: """
          DROP TABLE cache;
          CREATE TABLE cache (
            answer TEXT NOT NULL,
            block INTEGER NOT NULL,
            kind TEXT NOT NULL,
            twin TEXT NOT NULL,
            stimulus TEXT NOT NULL,
            frames TEXT NOT NULL,
            frame_count INTEGER NOT NULL,
            digest TEXT NOT NULL REFERENCES object(digest),
            created REAL NOT NULL,
            used REAL NOT NULL,
            PRIMARY KEY (answer, block)
          ) WITHOUT ROWID;
          """)
    }
    CatalogueViews.register(in: &migrator)
    migrator.registerMigration("time travel") { db in
      try db.execute(
        sql: """
          ALTER TABLE entry ADD COLUMN folder TEXT;

          CREATE TABLE calibration (
            key TEXT PRIMARY KEY,
            version INTEGER NOT NULL REFERENCES version(id)
          ) WITHOUT ROWID;
          INSERT INTO calibration
            SELECT json_extract(payload, '$.key'), MAX(id) FROM version
            WHERE kind = 'calibration' AND json_extract(payload, '$.key') IS NOT NULL GROUP BY 1;

          CREATE TABLE step (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            entry INTEGER NOT NULL REFERENCES entry(id),
            kind TEXT NOT NULL CHECK (kind IN ('change', 'undo', 'redo')),
            state TEXT NOT NULL CHECK (state IN ('done', 'undone', 'left', 'forgotten')),
            undone_by INTEGER REFERENCES entry(id)
          );
          CREATE INDEX step_entry ON step(entry, kind);
          CREATE INDEX step_state ON step(state, kind);

          CREATE TABLE move (
            step INTEGER NOT NULL REFERENCES step(id),
            space TEXT NOT NULL CHECK (space IN ('name', 'calibration')),
            name TEXT NOT NULL,
            before INTEGER REFERENCES version(id),
            after INTEGER REFERENCES version(id),
            PRIMARY KEY (step, space, name)
          ) WITHOUT ROWID;
          CREATE INDEX move_name ON move(space, name);

          CREATE TABLE travel (
            step INTEGER NOT NULL REFERENCES step(id),
            target INTEGER NOT NULL REFERENCES step(id)
          );
          CREATE INDEX travel_step ON travel(step);

          CREATE TABLE snapshot (
            name TEXT PRIMARY KEY,
            entry INTEGER NOT NULL REFERENCES entry(id),
            created REAL NOT NULL,
            note TEXT
          ) WITHOUT ROWID;
          CREATE TABLE snapshot_pointer (
            snapshot TEXT NOT NULL REFERENCES snapshot(name) ON DELETE CASCADE,
            space TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL REFERENCES version(id),
            PRIMARY KEY (snapshot, space, name)
          ) WITHOUT ROWID;

          CREATE TABLE written (
            entry INTEGER NOT NULL REFERENCES entry(id),
            path TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            digest TEXT NOT NULL
          );
          CREATE INDEX written_path ON written(path);
          CREATE INDEX written_entry ON written(entry);
          CREATE INDEX version_entry ON version(entry);
          CREATE INDEX metric_entry ON metric(entry);
          """)
    }
    migrator.registerMigration("variables") { db in
      try db.execute(
        sql: """
          CREATE TABLE variable (
            name TEXT PRIMARY KEY,
            text TEXT,
            digest TEXT REFERENCES object(digest),
            entry INTEGER NOT NULL REFERENCES entry(id)
          ) WITHOUT ROWID;
          CREATE TABLE definition (
            name TEXT PRIMARY KEY,
            source TEXT NOT NULL,
            entry INTEGER NOT NULL REFERENCES entry(id)
          ) WITHOUT ROWID;
          """)
    }
    CatalogueViews.registerHistory(in: &migrator)
    Seals.register(in: &migrator)
    return migrator
  }
}
