import Base

/// States of a batch's jobs by what Slurm says of them. vcsh guesses nothing: where Slurm says nothing, the state says so.
enum SlurmStates {
  static func statuses(_ batch: Batch, _ answer: SlurmClient.Answer, _ records: TaskRecords) -> [JobStatus] {
    batch.latest.enumerated().map { index, submission in
      let job = index + 1
      var status = JobStatus(job: job, name: batch.jobs[index].name, state: .notSubmitted, detail: "")
      guard let submission, let number = batch.submissions[submission].slurm else { return status }
      let key = SlurmKey(job: number, task: job)
      // The accounts come later than the queue, and stay when the queue forgets.
      if let row = answer.queue[key], !isFinal(row.state) || answer.accounting[key] == nil {
        (status.state, status.detail) = state(of: row, job, records)
        status.node = row.node
      } else if let row = answer.accounting[key] {
        (status.state, status.detail) = state(of: row, job, records)
        status.node = row.node
        status.hours = row.seconds.map { $0 / 3600 }
      } else if !answer.hasQueue || !answer.troubles.isEmpty {
        (status.state, status.detail) = (.unreachable, "Slurm does not answer")
      } else {
        (status.state, status.detail) = forgotten(job, answer, records)
      }
      return status
    }
  }

  private static func isFinal(_ state: String) -> Bool {
    [
      "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL", "DEADLINE", "PREEMPTED",
      "REVOKED",
    ]
    .contains(state)
  }

  /// A job that Slurm knows no more: what it recorded itself is all there is.
  private static func forgotten(
    _ job: Int, _ answer: SlurmClient.Answer, _ records: TaskRecords
  ) -> (JobState, String) {
    let why = answer.hasAccounting ? "Slurm does not know it any more" : "Slurm keeps no accounts here"
    guard let end = records.end(job) else { return (.lost, why) }
    if end.code == 0 {
      return records.hasResult(job) ? (.done, "\(why); its own record says status 0") : (.noResult, "\(why); status 0")
    }
    let found = end.code == TaskScript.unrecorded ? .diskFull : JobState.reason(in: records.logEnd(job))
    return (found ?? (end.code > 128 ? .killed : .failed), "\(why); its own record says status \(end.code)")
  }

  private static func state(of row: SlurmRow, _ job: Int, _ records: TaskRecords) -> (JobState, String) {
    let word = row.reason.map { "\(row.state) (\($0))" } ?? row.state
    switch row.state {
    case "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT":
      if row.reason == "DependencyNeverSatisfied" { return (.blocked, word) }
      return (.waiting, records.hasStarted(job) ? "\(word), after it had started" : word)
    case "RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING": return (.running, word)
    case "COMPLETED": return records.hasResult(job) ? (.done, word) : (.noResult, "\(word), and its result is missing")
    case "CANCELLED", "REVOKED": return (.cancelled, word)
    case "TIMEOUT", "DEADLINE": return (.timedOut, word)
    case "OUT_OF_MEMORY": return (.outOfMemory, word)
    case "NODE_FAIL", "BOOT_FAIL": return (.nodeLost, word)
    case "PREEMPTED": return (.preempted, word)
    case "FAILED":
      let detail = "\(word), status \(row.exit ?? 0)" + (row.signal.map { $0 > 0 ? ", signal \($0)" : "" } ?? "")
      if row.exit == TaskScript.unrecorded { return (.diskFull, detail) }
      if let reason = JobState.reason(in: records.logEnd(job)) { return (reason, "\(detail); its log says so") }
      return ((row.signal ?? 0) > 0 ? .killed : .failed, detail)
    default: return (.lost, "Slurm says \(word.shortened), a word that vcsh does not know")
    }
  }
}
