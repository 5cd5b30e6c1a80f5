import Base

/// States of a batch's jobs by what Slurm says of them. vcsh guesses nothing: where Slurm says nothing, the state says so.
enum SlurmStates {
  static func statuses(_ batch: Batch, _ answer: SlurmClient.Answer, _ records: TaskRecords) -> [JobStatus] {
    batch.latest.enumerated().map { index, submission in
      let job = index + 1
      var status = JobStatus(job: job, name: batch.jobs[index].name, state: .notSubmitted, detail: "")
      guard let submission, let number = batch.submissions[submission].slurm else {
        if batch.after != nil {
          (status.state, status.detail) =
            records.isCancelled(job)
            ? (.cancelled, "by `cancel`") : (.blocked, "not handed to Slurm: what it waits for had failed")
        }
        return status
      }
      let key = SlurmKey(job: number, task: job)
      let account = answer.accounting[key]
      // The accounts come later than the queue, and stay when the queue forgets.
      if let row = answer.queue[key], !isFinal(row.state) || account.map({ !isFinal($0.state) }) ?? true {
        (status.state, status.detail) = state(of: row, job, records)
        status.node = row.node
      } else if let row = account, isFinal(row.state) {
        (status.state, status.detail) = state(of: row, job, records)
        status.node = row.node
        status.seconds = row.seconds
      } else if !answer.hasQueue || !answer.troubles.isEmpty {
        status.state = .unreachable
        status.detail = "no answer from Slurm" + (account.map { "; its accounts say \($0.state)" } ?? "")
      } else {
        (status.state, status.detail) = forgotten(job, account, answer, records)
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

  /// A job that is not in Slurm's queue, and whose end is not in its accounts: what it recorded itself is all there is.
  ///
  /// Slurm drops a job of an array that is cancelled while it waits from both, without a trace.
  private static func forgotten(
    _ job: Int, _ account: SlurmRow?, _ answer: SlurmClient.Answer, _ records: TaskRecords
  ) -> (JobState, String) {
    let why =
      !answer.hasAccounting
      ? "Slurm keeps no accounts here"
      : account.map { "Slurm's queue does not know it; its accounts still say \($0.state)" }
        ?? "Slurm does not know it any more"
    guard let end = records.end(job) else {
      if records.isCancelled(job) { return (.cancelled, "by `cancel`; \(why)") }
      return (.lost, records.hasStarted(job) ? why : "\(why); it left no record of a start")
    }
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
      // The queue tells no status: until the accounts know the end, the job's own record does.
      let code = row.exit ?? records.end(job)?.code
      let signal = row.signal ?? row.raisedSignal
      let detail = word + (code.map { ", status \($0)" } ?? "") + (signal.map { $0 > 0 ? ", signal \($0)" : "" } ?? "")
      if code == TaskScript.unrecorded { return (.diskFull, detail) }
      if let reason = JobState.reason(in: records.logEnd(job)) { return (reason, "\(detail); its log says so") }
      return ((signal ?? 0) > 0 || (code ?? 0) > 128 ? .killed : .failed, detail)
    default: return (.lost, "Slurm says \(word.shortened), a word that vcsh does not know")
    }
  }
}
