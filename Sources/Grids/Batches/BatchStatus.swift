import Base
import Jobs

/// Where the jobs of a batch stand.
public struct BatchStatus: Sendable {
  public let batch: Batch
  public let jobs: [JobStatus]
  /// What could not be asked, a line each.
  public let troubles: [String]

  /// - Throws: `format` for what the engine's programs print. What can't be asked is in `troubles`.
  package init(_ batch: Batch, slurm: SlurmClient = SlurmClient()) throws {
    self.init(batch, try batch.engine == .slurm ? slurm.ask(batch.submissions.compactMap(\.slurm)) : .init())
  }

  /// Of several batches: Slurm is asked once for all of them.
  package static func all(_ batches: [Batch], slurm: SlurmClient = SlurmClient()) throws -> [BatchStatus] {
    let numbers = batches.filter { $0.engine == .slurm }.flatMap { $0.submissions.compactMap(\.slurm) }
    let answer = try slurm.ask(numbers)
    return batches.map { BatchStatus($0, answer) }
  }

  private init(_ batch: Batch, _ answer: SlurmClient.Answer) {
    self.batch = batch
    let records = TaskRecords(batch)
    guard batch.engine == .slurm else {
      (jobs, troubles) = (LocalStates.statuses(batch, records), [])
      return
    }
    var jobs = SlurmStates.statuses(batch, answer, records)
    if jobs.contains(where: { $0.state == .unreachable }) {
      let known = LastKnown(batch)
      for index in jobs.indices where jobs[index].state == .unreachable {
        if let words = known?.words(index + 1) { jobs[index].detail += "; last known: \(words)" }
      }
    } else if answer.troubles.isEmpty, !batch.submissions.isEmpty {
      LastKnown.write(jobs, of: batch)
    }
    self.jobs = jobs
    troubles =
      answer.troubles
      + (answer.hasAccounting
        ? [] : ["Slurm keeps no accounts here: states of ended jobs are from their own records"])
  }

  /// `12 jobs: 9 done, 2 failed, 1 running`
  package var summary: String {
    let counts = JobState.allCases.compactMap { state -> String? in
      let count = jobs.count { $0.state == state }
      return count == 0 ? nil : "\(count) \(state.rawValue)"
    }
    return "\(jobs.count) \(jobs.count == 1 ? "job" : "jobs"): \(counts.joined(separator: ", "))"
  }
}

extension Batch {
  /// Whether a job that can't start any more is still in Slurm's queue.
  package func isWaitingForEver(_ job: JobStatus) -> Bool { engine == .slurm && job.state == .blocked }
}
