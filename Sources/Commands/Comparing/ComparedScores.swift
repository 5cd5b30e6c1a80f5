import Base
import Language
import Metrics
import Recordings
import Session
import Workspace

/// One twin's score of every cell that it was asked about.
struct ComparedScores {
  /// What a score belongs to: twins are joined by this, never by position.
  struct Key: Hashable, Comparable {
    var session: String
    var stimulus: String
    var cid: CellID

    static func < (a: Key, b: Key) -> Bool {
      (a.session, a.stimulus, a.cid) < (b.session, b.stimulus, b.cid)
    }
  }

  struct Cell {
    var score: Score
    var rateHz: Double?
    var spikes: Double?
    var validBins: Int
  }

  var name: String
  var version: Int64
  var splits: Set<String> = []
  var cells: [Key: Cell] = [:]

  mutating func add(_ scored: ScoredSubject, metric: any Metric.Type) {
    splits.insert(scored.origin.split)
    for scores in scored.scores {
      cells[Key(session: scored.origin.session, stimulus: scored.origin.stimulus, cid: scores.cid)] = Cell(
        score: scores[metric], rateHz: scores.rateHz.value, spikes: scores.spikes.value, validBins: scores.validBins)
    }
  }

  /// Refuses scores that are not of the same bins.
  func check(against baseline: ComparedScores) throws {
    let hint = "--mixed compares them all the same"
    guard splits == baseline.splits else {
      throw Failure(
        .mismatch,
        "`\(name)` is scored on split \(splits.sorted().joined(separator: ", ")), `\(baseline.name)` on \(baseline.splits.sorted().joined(separator: ", "))",
        hint: hint)
    }
    for key in cells.keys.sorted() {
      guard let a = cells[key], let b = baseline.cells[key] else { continue }
      guard a.validBins == b.validBins, a.spikes == b.spikes else {
        throw Failure(
          .mismatch,
          "cell \(key.cid)\(key.session.isEmpty ? "" : " of \(key.session)"): `\(name)` is scored on \(a.validBins) bins with \(Self.text(a.spikes)) spikes, `\(baseline.name)` on \(b.validBins) with \(Self.text(b.spikes))",
          hint: hint)
      }
    }
  }

  private static func text(_ count: Double?) -> String { count.map { Value.double($0).plainText } ?? "no" }
}

extension Session {
  /// Scores of a twin on stimuli, or of stored predictions.
  func comparedScores(
    _ name: String, on sources: [LoadedStimulus], call: Call, metric: any Metric.Type
  ) throws -> ComparedScores {
    let record = try lookup(name, kinds: [.twin, .predictions], at: call.span(of: "subjects"))
    var compared = ComparedScores(name: name, version: record.id)
    let metrics: [any Metric.Type] = [SpikeCount.self, FiringRate.self, metric]
    if let payload = record.payload as? PredictionsPayload {
      let subject = try storedSubject(name, record, payload, split: call.isGiven("split") ? split(of: call) : nil)
      compared.add(try scored(subject, metrics: metrics, options: .init()) { _ in nil }, metric: metric)
      return compared
    }
    guard !sources.isEmpty else {
      throw Failure(
        .usage, "`\(name)` is a twin: say on which stimulus", hint: "compare \(name) … on REC/STIM",
        span: call.span(of: "subjects"))
    }
    let twin = try loadTwin(name, record: record)
    for source in sources {
      let scored = try scored(
        twin, on: source.shown(to: twin, by: call), split: split(of: call), head: call.optionalString("head"),
        metrics: metrics)
      compared.add(scored, metric: metric)
    }
    return compared
  }
}

/// What cells are grouped by, for means and tests.
enum CellGrouping: String, CaseIterable {
  case cell, session, subject

  /// The group of a cell; every cell alike for `cell`.
  func group(ofSession session: String) -> String {
    switch self {
    case .cell: ""
    case .session: session
    case .subject: Self.subject(ofSession: session)
    }
  }

  /// The animal: what stands before the first underscore of a session's name.
  static func subject(ofSession session: String) -> String {
    String(session.prefix { $0 != "_" })
  }
}
