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
  /// The newest score of each cell by a metric, for all versions that have a name: the rows of the view `metrics`.
  public func newestScores(metric: String) throws -> [StoredScore] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM metrics WHERE metric = ?
          ORDER BY twin, session, stimulus, split, variant, metric_version, cid
          """, arguments: [metric]
      ).map { row in
        StoredScore(
          twin: try row.value("twin"), version: try row.value("version"), session: try row.value("session"),
          stimulus: try row.value("stimulus"),
          split: try row.value("split"), variant: try row.value("variant"),
          metricVersion: try row.value("metric_version"), cid: try row.value("cid"),
          value: try row.optional("value"), entry: try row.value("entry"))
      }
    }
  }
}
