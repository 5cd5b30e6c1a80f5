import Base
import Foundation

/// The states of a batch's jobs when its engine answered last: shown, and marked as such, while it does not answer.
struct LastKnown {
  private let time: Double
  private let states: [Substring]

  private static func path(_ batch: Batch) -> String { batch.folder + "/records/last-known" }

  /// Nil where the engine has never answered.
  init?(_ batch: Batch) {
    guard let data = try? RegularFile(path: Self.path(batch)).contents() else { return nil }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let time = Double(first), time.isFinite else { return nil }
    (self.time, states) = (time, Array(lines.dropFirst()))
  }

  /// `running, 12 min 5 s ago`
  func words(_ job: Int) -> String? {
    guard states.indices.contains(job - 1), let state = JobState(rawValue: String(states[job - 1])) else { return nil }
    let age = max(0, Date().timeIntervalSince1970 - time).rounded()
    return "\(state.rawValue), \(NumberText.duration(seconds: age)) ago"
  }

  /// What can't be written, as on a full disk, is only not known later.
  static func write(_ jobs: [JobStatus], of batch: Batch) {
    let lines = ["\(Date().timeIntervalSince1970.rounded())"] + jobs.map(\.state.rawValue)
    try? AtomicFile.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: path(batch))
  }
}
