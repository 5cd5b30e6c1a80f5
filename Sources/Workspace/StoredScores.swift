import Base
import GRDB

/// A cell's score in the catalogue.
public struct StoredScore: Sendable, Equatable {
  public var twin: String
  public var version: Int64
  public var session: String
  public var stimulus: String
  public var split: String
  public var variant: String
  public var metricVersion: Int
  public var cid: Int
  public var value: Double?
  public var entry: Int64
}

extension Workspace {
  /// The latest score of each cell by a metric, for all versions that have a name.
  ///
  /// Of several scores with the same version, session, stimulus, split, variant and metric version, the latest counts.
  public func latestScores(metric: String) throws -> [StoredScore] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT n.name AS twin, m.* FROM metric m
          JOIN (SELECT version, min(name) AS name FROM name GROUP BY version) n ON n.version = m.version
          WHERE m.metric = ? AND m.entry = (
            SELECT max(l.entry) FROM metric l
            WHERE l.version = m.version AND l.session = m.session AND l.stimulus = m.stimulus AND l.metric = m.metric
              AND l.split = m.split AND l.variant = m.variant AND l.metric_version = m.metric_version AND l.cid = m.cid)
          ORDER BY n.name, m.session, m.stimulus, m.split, m.variant, m.metric_version, m.cid
          """, arguments: [metric]
      ).map { row in
        StoredScore(
          twin: row["twin"], version: row["version"], session: row["session"], stimulus: row["stimulus"],
          split: row["split"], variant: row["variant"], metricVersion: row["metric_version"], cid: row["cid"],
          value: row["value"], entry: row["entry"])
      }
    }
  }
}
