import Base
import Jobs

/// Hands jobs to engines and takes them back.
package struct BatchEngine {
  private let slurm: SlurmClient
  /// The file of vcsh.
  private let program: String

  package init(program: String, slurm: SlurmClient = SlurmClient()) { (self.program, self.slurm) = (program, slurm) }

  /// Which of some jobs can be handed over now, and what they wait for.
  ///
  /// - Parameter jobs: counted from 1.
  /// - Throws: `mismatch` where the batch that they wait for was not handed to Slurm; `conflict` where none can start because
  ///   what they wait for has failed.
  package func plan(_ batch: Batch, jobs: [Int]) throws -> StartPlan {
    // The local engine's runner looks itself, when a job's turn has come.
    guard let after = batch.after, batch.engine == .slurm || !batch.submissions.isEmpty else { return StartPlan(jobs) }
    let other = try BatchStatus(Batch(folder: after), slurm: slurm)
    let plan = try StartPlan(jobs, of: batch, after: other)
    guard !plan.groups.isEmpty else {
      throw Failure(
        .conflict, "what these jobs wait for has failed: \(other.batch.name) has \(other.summary)",
        hint: "`retry \(other.batch.name) --failed` first")
    }
    return plan
  }

  /// Starts jobs of a batch as they were planned.
  ///
  /// - Parameter slots: how many run at once on the local engine.
  package func start(_ batch: inout Batch, _ plan: StartPlan, slots: Int?) throws {
    for group in plan.groups {
      TaskRecords.clear(group.jobs, in: batch)
      switch batch.engine {
      case .slurm:
        let number = try slurm.submit(
          batch.folder + "/submit.slurm", array: SlurmScript.array(group.jobs, limit: batch.resources?.arrayLimit),
          dependency: group.dependency)
        batch.submissions.append(.init(jobs: group.jobs, slurm: number))
        try batch.save()
      case .local:
        batch.submissions.append(.init(jobs: group.jobs, slots: slots))
        try batch.save()
        try LocalRunner.start(batch, submission: batch.submissions.count - 1, program: program)
      }
    }
  }

  /// Plans and starts jobs of a batch.
  @discardableResult
  package func start(_ batch: inout Batch, jobs: [Int], slots: Int?) throws -> StartPlan {
    let plan = try plan(batch, jobs: jobs)
    try start(&batch, plan, slots: slots)
    return plan
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
      }
      // Slurm keeps no trace of a job that it cancels before its start, and knows none that was never handed over.
      for job in jobs { try TaskRecords.write("cancel", "\(job).cancel", in: batch) }
    }
  }
}
