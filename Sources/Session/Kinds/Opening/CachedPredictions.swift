import Base
import Formats
import Foundation
import Language
import Metrics
import Recordings
import Workspace

/// A cache of VisionCore's evaluation stack as predictions, one for each stimulus, with all that such files are known to
/// get wrong said.
struct CachedPredictions {
  let cache: EvaluationCache
  private let request: OpenRequest
  private var session: Session { request.session }
  private var path: String { cache.archive.path }

  init(_ cache: EvaluationCache, for request: OpenRequest) {
    self.cache = cache
    self.request = request
  }

  /// What became of one stimulus.
  private struct Row {
    var name: String?
    var stimulus: String
    var split: String
    var frames: Int
    var cells: Int
    var bitsPerSpike: Double?
    var remark: String?
  }

  /// Keeps what the file holds.
  ///
  /// - Returns: a row a stimulus; `remark` says what is wrong with it.
  func open() throws -> Table {
    let base = try request.name(or: request.stem)
    let head = try head()
    let given = try request.call.optionalString("session")
    let sessionName = given ?? head?.session
    if let cids = cache.cids, let known = head?.cids, known != cids {
      session.note(
        "\(path): its cids are not those of head \(head?.number ?? 0) of `\(head?.twin ?? "")`: \(cids.count) and \(known.count) cells, \(Set(cids).intersection(known).count) in common"
      )
    }
    if cache.hasUnmaskedScore {
      session.note("\(path): its `val` is a score over two stimuli without any mask: not taken")
    }
    if cache.kind == .noiseCeiling {
      session.note(
        "\(path): its ccnorm is clipped to 0 and 1 and its halves are unseeded, its rbar is in Hz for 240 bins a second: not taken; `eval NAME --metrics all` gives the numbers"
      )
    }
    var rows: [Row] = []
    for part in cache.parts {
      try session.work.cancellation.check()
      rows.append(try row(part, base: base, sessionName: sessionName))
    }
    return Table([
      Column("name", rows.map(\.name)),
      Column("stimulus", rows.map { Optional($0.stimulus) }),
      Column("split", rows.map { Optional($0.split) }),
      Column("frames", rows.map { Optional($0.frames) }),
      Column("cells", rows.map { Optional($0.cells) }),
      Column("bits_per_spike", rows.map(\.bitsPerSpike), unit: "bits/spike"),
      Column("remark", rows.map(\.remark)),
    ])
  }

  private func row(_ part: EvaluationCache.Part, base: String, sessionName: String?) throws -> Row {
    let shape = part.rates.shape
    // VisionCore evaluates repeats on all trials, all else on the held-out ones.
    let split = part.stimulus == "fixrsvp" ? "all" : "val"
    var row = Row(
      stimulus: part.stimulus, split: split, frames: shape.dropLast().reduce(1, *), cells: shape.last ?? 0)
    let rates = try cache.archive.tensor(part.rates)
    if rates.values.allSatisfy(\.isNaN) {
      row.remark = "all NaN: a placeholder for a stimulus that was not there; not opened"
      return row
    }
    let rateHz = try request.rate ?? sessionName.flatMap { try rate(of: $0) }
    let (predictions, impossible) = try cache.predictions(of: part, rateHz: rateHz)
    if let note = impossible.note(cids: predictions.cids) { session.note("\(path): \(part.stimulus): \(note)") }
    let scores = try evaluate(predictions, metrics: [BitsPerSpike.self])
    row.bitsPerSpike = MeanInterval(scores.compactMap(\.bitsPerSpike.value))?.mean
    row.remark = try remark(part, predictions, scores)
    let name = cache.parts.count == 1 ? base : Session.name(from: "\(base)-\(part.stimulus)")
    let payload = PredictionsPayload(
      session: sessionName, stimulus: part.stimulus, split: split, frames: row.frames, cids: predictions.cids,
      rateHz: rateHz,
      file: FileReference(
        path: session.workspace.stored(path: path), byteCount: cache.archive.size,
        fingerprint: cache.archive.fingerprint), part: part.stimulus)
    try request.keep(payload, as: name)
    row.name = name
    return row
  }

  /// What is wrong with the numbers of one stimulus.
  private func remark(_ part: EvaluationCache.Part, _ predictions: Predictions, _ scores: [CellScores]) throws
    -> String?
  {
    var remarks: [String] = []
    let sums = MaskedSums.of(predictions).filter { $0.obstacle == nil && $0.counts > 0 }
    if !sums.isEmpty, sums.allSatisfy({ abs($0.rates - $0.counts) <= 1e-3 * $0.counts }) {
      remarks.append("every cell's rates sum to its spikes: a gain fitted on the bins that are scored")
    }
    if let reference = part.scores, let stored = try? cache.archive.doubles(reference) {
      let differ = zip(scores, stored).count { score, stored in
        guard let value = score.bitsPerSpike.value else { return false }
        return abs(value - stored) > 1e-3 * max(1, abs(value))
      }
      if differ > 0 { remarks.append("its own bits/spike differs from that of its rates for \(differ) cells") }
    }
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }

  // MARK: Where it belongs

  /// The head that a file's name tells, `<model>_dataset<i>_…`, where a twin of that name or checkpoint is open.
  private func head() throws -> (twin: String, number: Int, session: String?, cids: [Int]?)? {
    guard let match = request.stem.firstMatch(of: /^(.+)_dataset(\d+)_/), let number = Int(match.2) else { return nil }
    for named in try session.workspace.names(kinds: [.twin]) {
      guard let twin = named.version.payload as? TwinPayload, twin.heads.indices.contains(number) else { continue }
      let file = ((twin.checkpoint.path as NSString).lastPathComponent as NSString).deletingPathExtension
      guard named.name == match.1 || file == match.1 else { continue }
      return (named.name, number, twin.heads[number].session, twin.heads[number].cids)
    }
    return nil
  }

  /// Bins per second of a session's recording, where one is open.
  private func rate(of name: String) throws -> Double? {
    for named in try session.workspace.names(kinds: [.recording]) {
      if let recording = named.version.payload as? RecordingPayload, recording.session == name {
        return recording.rateHz
      }
    }
    return nil
  }
}
