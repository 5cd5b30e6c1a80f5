import Base
import Jobs

/// Where the jobs of a batch stand.
public struct BatchStatus: Sendable {
  public let batch: Batch
  public let jobs: [JobStatus]
  /// What could not be asked, a line each.
  public let troubles: [String]

  /// - Throws: `missing` where the engine's programs are not installed; `format` for what they print.
  package init(_ batch: Batch, slurm: SlurmClient = SlurmClient()) throws {
    self.batch = batch
    let records = TaskRecords(batch)
    switch batch.engine {
    case .local: (jobs, troubles) = (LocalStates.statuses(batch, records), [])
    case .slurm:
      let answer = try slurm.ask(batch.submissions.compactMap(\.slurm))
      jobs = SlurmStates.statuses(batch, answer, records)
      troubles =
        answer.troubles
        + (answer.hasAccounting
          ? [] : ["Slurm keeps no accounts here: states of ended jobs are from their own records"])
    }
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

/// Hands jobs to engines and takes them back.
package struct BatchEngine {
  private let slurm: SlurmClient
  /// The file of vcsh.
  private let program: String

  package init(program: String, slurm: SlurmClient = SlurmClient()) { (self.program, self.slurm) = (program, slurm) }

  /// Starts jobs of a batch.
  ///
  /// - Parameters:
  ///   - jobs: counted from 1.
  ///   - slots: how many run at once on the local engine.
  package func start(_ batch: inout Batch, jobs: [Int], slots: Int?) throws {
    TaskRecords.clear(jobs, in: batch)
    switch batch.engine {
    case .slurm:
      let number = try slurm.submit(
        batch.folder + "/submit.slurm", array: SlurmScript.array(jobs, limit: batch.resources?.arrayLimit),
        dependency: batch.submissions.isEmpty ? dependency(of: batch) : nil)
      batch.submissions.append(.init(jobs: jobs, slurm: number))
      try batch.save()
    case .local:
      batch.submissions.append(.init(jobs: jobs, slots: slots))
      try batch.save()
      try LocalRunner.start(batch, submission: batch.submissions.count - 1, program: program)
    }
  }

  /// Each job after its own where both batches have the same jobs; all after all else.
  private func dependency(of batch: Batch) throws -> String? {
    guard let after = batch.after else { return nil }
    let other = try Batch(folder: after)
    guard let number = other.submissions.last?.slurm else {
      throw Failure(.mismatch, "`\(other.name)` was not handed to Slurm, so nothing there can wait for it")
    }
    let isPaired = other.jobs.map(\.name) == batch.jobs.map(\.name) && other.submissions.count == 1
    return (isPaired ? "aftercorr:" : "afterok:") + number
  }

  /// Cancels jobs that have not ended.
  package func cancel(_ batch: Batch, jobs: [Int]) throws {
    switch batch.engine {
    case .local: for job in jobs { try TaskRecords.write("cancel", "\(job).cancel", in: batch) }
    case .slurm:
      let latest = batch.latest
      for (index, submission) in batch.submissions.enumerated() {
        guard let number = submission.slurm else { continue }
        let mine = jobs.filter { latest.indices.contains($0 - 1) && latest[$0 - 1] == index }
        guard !mine.isEmpty else { continue }
        try slurm.cancel(number, jobs: mine.count == batch.jobs.count ? nil : mine)
        // Slurm keeps no trace of a job that it cancels before its start.
        for job in mine { try TaskRecords.write("cancel", "\(job).cancel", in: batch) }
      }
    }
  }
}
