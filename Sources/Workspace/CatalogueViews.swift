import GRDB

/// The views over the catalogue that `sql` may read: what they are called, hold, and how they are made.
///
/// The tables behind them may change with vcsh; the views keep their columns. docs/workspace.md describes them for
/// readers, and a test compares it with what is here, and this with the database.
public enum CatalogueViews {
  public struct View: Sendable {
    public let name: String
    /// What a row is.
    public let summary: String
    public let columns: [(name: String, help: String)]
  }

  private static let scoreColumns = [
    ("twin", "name of what was scored: a twin or predictions"), ("version", "its version"),
    ("session", "session"), ("cid", "the cell's id"), ("stimulus", "stimulus"), ("split", "train, val or all"),
    ("head", "head of the twin, from 0"), ("metric", "name of the metric"),
    ("metric_version", "version of its definition"),
    ("variant", "what else it depends on: how the rates were made, null model"),
    ("value", "the score; null where undefined"), ("reason", "why it is undefined"),
    ("entry", "entry that computed it"), ("time", "when, UTC"),
  ]

  public static let all: [View] = [
    View(
      name: "twins", summary: "a version of a twin",
      columns: [
        ("name", "its name, or the one it was made under"), ("is_current", "1 while the name points to it"),
        ("version", "its number"), ("parent", "the version that it was made from"),
        ("checkpoint", "file that holds its weights"), ("heads", "sessions that it reads out"),
        ("cells", "cells of all heads"), ("frozen", "parts that no command may change"),
        ("note", "what made it"), ("entry", "entry that made it"), ("time", "when, UTC"),
      ]),
    View(
      name: "recordings", summary: "a version of a recording",
      columns: [
        ("name", "its name, or the one it was made under"), ("is_current", "1 while the name points to it"),
        ("version", "its number"), ("session", "session"), ("rate_hz", "bins a second"), ("cells", "cells"),
        ("stimuli", "names of its stimuli"), ("frames", "bins of all stimuli"),
        ("entry", "entry that opened it"), ("time", "when, UTC"),
      ]),
    View(
      name: "cells", summary: "a cell of a recording that has a name",
      columns: [
        ("recording", "name of the recording"), ("version", "version of the recording"), ("session", "session"),
        ("cid", "the cell's id"), ("rank", "its place in the recording's list, from 0"),
      ]),
    View(
      name: "metrics", summary: "the newest score of a cell, of the version that a name points to",
      columns: scoreColumns),
    View(
      name: "metrics_history", summary: "a score of a cell, each time that it was computed, of any version",
      columns: scoreColumns),
    View(
      name: "fits", summary: "a calibration or a refit",
      columns: [
        ("kind", "calibration or refit"), ("version", "version that it made"),
        ("name", "name of what it made, if any"), ("subject", "name of what was fitted"), ("parent", "its version"),
        ("mode", "gain or affine, for a calibration"), ("session", "session"), ("stimulus", "stimulus"),
        ("split", "split that was fitted"), ("in_sample", "1 where the scores are on what was fitted"),
        ("cells", "cells"), ("note", "what was fitted, for a refit"), ("entry", "entry that fitted"),
        ("time", "when, UTC"),
      ]),
    View(
      name: "entries", summary: "a command line of a session",
      columns: [
        ("entry", "its number"), ("time", "when it began, UTC"), ("seconds", "how long it ran"),
        ("status", "running, ok, failed or interrupted"), ("command", "as it was written"),
        ("origin", "prompt, or file and line"), ("error", "why it failed"), ("shell", "marks one run of vcsh"),
        ("inputs", "versions that it read"),
      ]),
  ]

  /// Makes the views: a migration of its own, so never changed; other columns need another migration.
  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("views") { db in
      try db.execute(
        sql: """
          CREATE VIEW twins AS
          SELECT coalesce((SELECT min(n.name) FROM name n WHERE n.version = v.id), nullif(v.label, '')) AS name,
            EXISTS (SELECT 1 FROM name n WHERE n.version = v.id) AS is_current,
            v.id AS version, v.parent AS parent,
            json_extract(v.payload, '$.checkpoint.path') AS checkpoint,
            json_array_length(v.payload, '$.heads') AS heads,
            (SELECT sum(json_array_length(h.value, '$.cids')) FROM json_each(v.payload, '$.heads') h) AS cells,
            (SELECT group_concat(f.value, ' ') FROM json_each(v.payload, '$.frozen') f) AS frozen,
            json_extract(v.payload, '$.note') AS note,
            v.entry AS entry, strftime('%Y-%m-%dT%H:%M:%SZ', v.created, 'unixepoch') AS time
          FROM version v WHERE v.kind = 'twin';

          CREATE VIEW recordings AS
          SELECT coalesce((SELECT min(n.name) FROM name n WHERE n.version = v.id), nullif(v.label, '')) AS name,
            EXISTS (SELECT 1 FROM name n WHERE n.version = v.id) AS is_current,
            v.id AS version,
            json_extract(v.payload, '$.session') AS session,
            json_extract(v.payload, '$.rateHz') AS rate_hz,
            json_array_length(v.payload, '$.cids') AS cells,
            (SELECT group_concat(json_extract(s.value, '$.name'), ' ') FROM json_each(v.payload, '$.stimuli') s)
              AS stimuli,
            (SELECT sum(json_extract(s.value, '$.frames')) FROM json_each(v.payload, '$.stimuli') s) AS frames,
            v.entry AS entry, strftime('%Y-%m-%dT%H:%M:%SZ', v.created, 'unixepoch') AS time
          FROM version v WHERE v.kind = 'recording';

          CREATE VIEW cells AS
          SELECT n.name AS recording, v.id AS version, json_extract(v.payload, '$.session') AS session,
            c.value AS cid, c.key AS rank
          FROM name n JOIN version v ON v.id = n.version, json_each(v.payload, '$.cids') c
          WHERE v.kind = 'recording';

          CREATE VIEW metrics AS
          SELECT coalesce((SELECT min(n.name) FROM name n WHERE n.version = m.version),
              (SELECT nullif(v.label, '') FROM version v WHERE v.id = m.version)) AS twin,
            m.version AS version, m.session AS session, m.cid AS cid, m.stimulus AS stimulus, m.split AS split,
            m.head AS head, m.metric AS metric, m.metric_version AS metric_version, m.variant AS variant,
            m.value AS value, m.reason AS reason, m.entry AS entry,
            (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', e.started, 'unixepoch') FROM entry e WHERE e.id = m.entry) AS time
          FROM metric m;

          CREATE VIEW fits AS
          SELECT iif(v.kind = 'calibration', 'calibration', 'refit') AS kind, v.id AS version,
            coalesce((SELECT min(n.name) FROM name n WHERE n.version = v.id), nullif(v.label, '')) AS name,
            coalesce((SELECT min(n.name) FROM name n WHERE n.version = v.parent),
              (SELECT nullif(p.label, '') FROM version p WHERE p.id = v.parent)) AS subject,
            v.parent AS parent,
            json_extract(v.payload, '$.mode') AS mode,
            iif(v.kind = 'calibration', json_extract(v.payload, '$.session'), json_extract(r.payload, '$.session'))
              AS session,
            iif(v.kind = 'calibration', json_extract(v.payload, '$.stimulus'),
              substr(i.detail, instr(i.detail, '/') + 1, instr(i.detail, ',') - instr(i.detail, '/') - 1)) AS stimulus,
            json_extract(v.payload, '$.split') AS split,
            json_extract(v.payload, '$.inSample') AS in_sample,
            iif(v.kind = 'calibration', json_array_length(v.payload, '$.cells'),
              json_array_length(r.payload, '$.cids')) AS cells,
            json_extract(v.payload, '$.note') AS note,
            v.entry AS entry, strftime('%Y-%m-%dT%H:%M:%SZ', v.created, 'unixepoch') AS time
          FROM version v LEFT JOIN version p ON p.id = v.parent
            LEFT JOIN input i ON v.kind = 'twin' AND i.entry = v.entry AND i.role = 'stimulus'
              AND i.rowid = (SELECT max(k.rowid) FROM input k WHERE k.entry = v.entry AND k.role = 'stimulus'
                AND instr(json_extract(v.payload, '$.note'), substr(k.detail, 1, instr(k.detail, ',') - 1)) > 0)
            LEFT JOIN version r ON r.id = i.version
          WHERE v.kind = 'calibration'
            OR v.kind = 'twin' AND json_extract(v.payload, '$.overlay') IS NOT NULL
              AND json_extract(v.payload, '$.overlay') IS NOT json_extract(p.payload, '$.overlay');

          CREATE VIEW entries AS
          SELECT e.id AS entry, strftime('%Y-%m-%dT%H:%M:%SZ', e.started, 'unixepoch') AS time, e.seconds AS seconds,
            e.status AS status, e.source AS command, e.origin AS origin, e.error AS error, e.session AS shell,
            (SELECT count(DISTINCT i.version) FROM input i WHERE i.entry = e.id) AS inputs
          FROM entry e;
          """)
    }
  }

  /// `metrics` keeps the scores that count today; what it held before becomes `metrics_history`. Of two scores that
  /// differ in nothing but the entry or the version of the metric's definition, the newer one counts.
  static func registerHistory(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("history of metrics") { db in
      // The same in both views; the migration that made the first `metrics` keeps its own text, as it is never changed.
      let columns = """
        m.version AS version, m.session AS session, m.cid AS cid, m.stimulus AS stimulus, m.split AS split,
        m.head AS head, m.metric AS metric, m.metric_version AS metric_version, m.variant AS variant,
        m.value AS value, m.reason AS reason, m.entry AS entry,
        (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', e.started, 'unixepoch') FROM entry e WHERE e.id = m.entry) AS time
        """
      try db.execute(
        sql: """
          UPDATE metric SET variant = 'calibrated, ' || substr(variant, 12) WHERE variant LIKE 'calibrated %';
          UPDATE metric SET variant = 'without behaviour, ' || substr(variant, 19)
            WHERE variant LIKE 'without behaviour %';
          UPDATE metric SET variant = 'calibrated, ' || variant
            WHERE (variant LIKE 'null %' OR variant LIKE 'min-trials %') AND EXISTS (
              SELECT 1 FROM version v
              WHERE v.id = metric.version AND json_extract(v.payload, '$.calibration') IS NOT NULL);
          UPDATE metric SET variant = 'raw, ' || variant WHERE variant LIKE 'null %' OR variant LIKE 'min-trials %';

          DROP INDEX metric_subject;
          CREATE INDEX metric_subject ON metric(
            version, session, stimulus, metric, cid, split, variant, metric_version, entry);

          DROP VIEW metrics;
          CREATE VIEW metrics_history AS
          SELECT coalesce((SELECT min(n.name) FROM name n WHERE n.version = m.version),
              (SELECT nullif(v.label, '') FROM version v WHERE v.id = m.version)) AS twin,
            \(columns)
          FROM metric m;

          CREATE VIEW metrics AS
          SELECT n.name AS twin,
            \(columns)
          FROM (SELECT version, min(name) AS name FROM name GROUP BY version) n
            CROSS JOIN metric m ON m.version = n.version
          WHERE NOT EXISTS (
            SELECT 1 FROM metric l
            WHERE l.version = m.version AND l.session = m.session AND l.stimulus = m.stimulus AND l.metric = m.metric
              AND l.cid = m.cid AND l.split = m.split AND l.variant = m.variant AND l.head IS m.head
              AND (l.metric_version, l.entry, l.rowid) > (m.metric_version, m.entry, m.rowid));
          """)
    }
  }
}
