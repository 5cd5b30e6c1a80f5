import Base

/// What has become of a job, in a word.
public enum JobState: String, Sendable, CaseIterable {
  case waiting, running, done, failed, killed, cancelled
  case outOfMemory = "out of memory"
  case timedOut = "out of time"
  case nodeLost = "node lost"
  case preempted
  case diskFull = "disk full"
  case noResult = "no result"
  /// What it waits for has failed.
  case blocked
  /// The engine can't be asked.
  case unreachable
  /// The engine does not know it any more, and it left no record.
  case lost
  case notSubmitted = "not submitted"

  /// Whether it may still change by itself.
  package var isOpen: Bool { [.waiting, .running, .unreachable].contains(self) }
  /// Whether `retry` starts it again.
  package var isFailure: Bool { !isOpen && self != .done }

  /// What ended a job that failed, as its log says it.
  ///
  /// - Returns: nil where the log says nothing of the kind.
  static func reason(in log: String) -> JobState? {
    let lower = log.lowercased()
    if ["exceeded memory limit", "exceeded job memory limit", "oom_kill", "oom-kill", "out of memory"].contains(
      where: lower.contains)
    {
      return .outOfMemory
    }
    if ["no space left on device", "disk quota exceeded"].contains(where: lower.contains) { return .diskFull }
    return nil
  }
}

/// A job with its state and the evidence for it.
public struct JobStatus: Sendable {
  public var job: Int
  public var name: String
  public var state: JobState
  /// The engine's own words.
  public var detail: String
  public var node: String?
  /// How long it ran.
  public var seconds: Double?
}
