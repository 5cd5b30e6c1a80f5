import Base
import Foundation

/// The event files of one folder: one run, in several files where it was resumed.
///
/// Where a later file logs tags that an earlier one has, it is a resume: from its first step of these tags on it wins for
/// them. Files without a common tag were written side by side, and nothing is taken away. A point's epoch is the one that
/// the logger wrote at the same step (`epoch`), where it did.
public enum TensorBoardLog {
  public static func isEventFile(_ name: String) -> Bool {
    ByteSearch.isFound("tfevents", in: name) && !name.hasSuffix(".profile-empty")
  }

  /// Tags of the logger itself, which files that were written side by side share.
  private static let bookkeeping: Set<String> = ["epoch", "hp_metric"]

  /// - Parameters:
  ///   - names: of the event files in `folder`.
  ///   - memory: of earlier readings; nil to read whole files.
  /// - Throws: `format` where no file holds a record.
  public static func read(_ folder: String, names: [String], memory: LogMemory? = nil) throws -> RunLog {
    var run = RunLog()
    var files: [EventFile] = []
    var failure: Failure?
    for name in names.sorted(by: isEarlier) {
      do {
        let file = try EventFile.read(folder + "/" + name, fresh: EventFile(), memory: memory)
        if let damage = file.damage {
          run.remarks.append(
            "\(names.count > 1 ? name + ": " : "")\(damage); the \(file.records) records before it are read")
        }
        files.append(file)
      } catch let error as Failure where error.kind != .interrupted {
        failure = failure ?? error
        run.remarks.append(error.message)
      }
    }
    if files.isEmpty, let failure { throw failure }
    var kept: [EventFile.Scalar] = []
    for file in files {
      let known = Set(kept.map(\.tag))
      let again = Set(file.scalars.map(\.tag)).intersection(known).subtracting(Self.bookkeeping)
      if let first = file.scalars.lazy.filter({ again.contains($0.tag) }).map(\.step).min() {
        let count = kept.count
        kept.removeAll { $0.step >= first && (again.contains($0.tag) || Self.bookkeeping.contains($0.tag)) }
        if kept.count < count {
          run.remarks.append("\(RunLog.resumed): the later file counts from its first step, \(first)")
        }
      }
      kept += file.scalars
      for medium in file.media {
        if let place = run.media.firstIndex(where: { $0.tag == medium.tag }) {
          run.media[place].count += medium.count
        } else {
          run.media.append(medium)
        }
      }
    }
    run.curves = curves(kept)
    run.noteResume()
    run.started = files.compactMap(\.times?.lowerBound).min()
    run.ended = files.compactMap(\.times?.upperBound).max()
    let seconds = files.compactMap(\.times).reduce(0) { $0 + $1.upperBound - $1.lowerBound }
    run.hours = run.started == nil ? nil : seconds / 3600
    run.parameters = try HyperParameterFile.beside(folder + "/events", &run.remarks)
    return run
  }

  /// An epoch belongs to the rows that were logged at its step.
  private static func curves(_ scalars: [EventFile.Scalar]) -> [MetricCurve] {
    var epochs: [Int: Int] = [:]
    for scalar in scalars where scalar.tag == "epoch" {
      if let epoch = LogCount.of(scalar.value) { epochs[scalar.step] = epoch }
    }
    var collector = CurveCollector()
    var seenAtZero: Set<String> = []
    for scalar in scalars {
      // A resumed logger writes its own rows at step 0 again.
      if scalar.tag == "hp_metric", !seenAtZero.insert(scalar.tag).inserted { continue }
      let hasEpoch = scalar.tag != "epoch" && scalar.tag != "hp_metric" && !scalar.tag.hasPrefix("lr-")
      collector.append(
        scalar.tag, step: scalar.step,
        epoch: hasEpoch ? epochs[scalar.step] : scalar.tag == "epoch" ? LogCount.of(scalar.value) : nil,
        scalar.value)
    }
    return collector.curves
  }

  /// Files are named by the second at which they were begun: `events.out.tfevents.<seconds>.<host>.<pid>.<n>`.
  private static func isEarlier(_ a: String, _ b: String) -> Bool {
    func key(_ name: String) -> (Int, Int) {
      let parts = name.split(separator: ".")
      let seconds = parts.firstIndex(of: "tfevents").flatMap { $0 + 1 < parts.count ? Int(parts[$0 + 1]) : nil } ?? 0
      return (seconds, parts.last.flatMap { Int($0) } ?? 0)
    }
    let (first, second) = (key(a), key(b))
    return first == second ? a < b : first < second
  }
}
