import Base
import Foundation
import GRDB

/// One block of a cached answer: the rows of some frames of a recording, in one object. It can be computed again.
public struct CacheRecord: Sendable, Equatable {
  /// Digest of everything that the rows depend on except the frames. The blocks of one answer share it.
  public var answer: String
  /// Number of the block on the answer's grid.
  public var block: Int
  /// `predictions`, `features`
  public var kind: String
  /// The twin's name and the stimulus, for display.
  public var twin: String
  public var stimulus: String
  /// Frame of each row, ascending.
  public var frames: [Int]
  public var digest: String

  public init(
    answer: String, block: Int, kind: String, twin: String, stimulus: String, frames: [Int], digest: String
  ) {
    self.answer = answer
    self.block = block
    self.kind = kind
    self.twin = twin
    self.stimulus = stimulus
    self.frames = frames
    self.digest = digest
  }
}

/// All cached blocks of one answer.
public struct CachedAnswer: Sendable, Equatable {
  public var answer: String
  public var kind: String
  public var twin: String
  public var stimulus: String
  public var frames: Int
  public var bytes: Int
  /// When the newest block was made, and when the answer was last read or added to.
  public var created: Date
  public var used: Date
}

extension Workspace {
  /// The blocks of an answer that are still there, by number.
  public func cachedBlocks(_ answer: String) throws -> [Int: CacheRecord] {
    let rows = try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM cache WHERE answer = ?", arguments: [answer])
    }
    var blocks: [Int: CacheRecord] = [:]
    for row in rows {
      guard let frames = FrameRuns.decode(try row.value("frames")), objects.contains(try row.value("digest")) else {
        continue
      }
      blocks[try row.value("block")] = CacheRecord(
        answer: answer, block: try row.value("block"), kind: try row.value("kind"), twin: try row.value("twin"),
        stimulus: try row.value("stimulus"),
        frames: frames, digest: try row.value("digest"))
    }
    return blocks
  }

  /// All cached answers, the least recently used first.
  public func cachedAnswers() throws -> [CachedAnswer] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT answer, kind, MAX(twin) AS twin, MAX(stimulus) AS stimulus, SUM(frame_count) AS frames,
            SUM(object.bytes) AS bytes, MAX(cache.created) AS created, MAX(used) AS used
          FROM cache JOIN object USING (digest) GROUP BY answer, kind ORDER BY used, answer
          """)
    }.map { row in
      CachedAnswer(
        answer: try row.value("answer"), kind: try row.value("kind"), twin: try row.value("twin"),
        stimulus: try row.value("stimulus"), frames: try row.value("frames"),
        bytes: try row.value("bytes"), created: try row.date("created"),
        used: try row.date("used"))
    }
  }

  static func insert(_ record: CacheRecord, at now: Double, in db: Database) throws {
    try db.execute(
      sql: """
        INSERT OR REPLACE INTO cache
          (answer, block, kind, twin, stimulus, frames, frame_count, digest, created, used)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        record.answer, record.block, record.kind, record.twin, record.stimulus, FrameRuns.encode(record.frames),
        record.frames.count, record.digest, now, now,
      ])
  }
}

/// Ascending frames as text: `0-63,70,80-99`.
package enum FrameRuns {
  /// More frames than any block holds: a longer text is damaged.
  private static let limit = 1 << 20

  package static func encode(_ frames: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for frame in frames {
      if let last = runs.last, last.upperBound == frame - 1 {
        runs[runs.count - 1] = last.lowerBound...frame
      } else {
        runs.append(frame...frame)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
  }

  /// Nil where the text is not a list of ascending runs.
  package static func decode(_ text: String) -> [Int]? {
    var frames: [Int] = []
    for run in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = run.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first >= 0, last >= first,
        first > frames.last ?? -1, last - first < limit, frames.count + last - first < limit
      else { return nil }
      frames.append(contentsOf: first...last)
    }
    return frames
  }
}
