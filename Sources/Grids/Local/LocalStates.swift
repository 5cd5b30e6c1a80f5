import Base

/// States of the local engine's jobs, by the records of jobs and runners.
enum LocalStates {
  static func statuses(_ batch: Batch, _ records: TaskRecords) -> [JobStatus] {
    let isAlive = batch.submissions.indices.map { LocalRunner.isAlive(batch.folder, $0) }
    return batch.latest.enumerated().map { index, submission in
      let job = index + 1
      var status = JobStatus(job: job, name: batch.jobs[index].name, state: .notSubmitted, detail: "")
      guard let submission else { return status }
      let start = records.start(job)
      status.node = start?.host
      if let start, let end = records.end(job) { status.seconds = max(0, end.time - start.time) }
      (status.state, status.detail) = state(job, records, isRunnerAlive: isAlive[submission])
      return status
    }
  }

  private static func state(_ job: Int, _ records: TaskRecords, isRunnerAlive: Bool) -> (JobState, String) {
    switch records.engineEnd(job) {
    case .exited(0):
      return records.hasResult(job) ? (.done, "status 0") : (.noResult, "status 0, and its result is missing")
    case .exited(let code):
      if code == TaskScript.unrecorded { return (.diskFull, "status \(code)") }
      let reason = JobState.reason(in: records.logEnd(job))
      return (reason ?? .failed, "status \(code)" + (reason == nil ? "" : "; its log says so"))
    case .killed(let signal):
      let reason = JobState.reason(in: records.logEnd(job))
      return (reason ?? .killed, "signal \(signal)" + (reason == nil ? "" : "; its log says so"))
    case .cancelled: return (.cancelled, "by `cancel`")
    case .blocked: return (.blocked, "what it waits for has failed")
    case .notStarted(let why): return (.failed, "not started: \(why)")
    case nil: break
    }
    if isRunnerAlive { return records.hasStarted(job) ? (.running, "") : (.waiting, "") }
    if let end = records.end(job) {
      return end.code == 0 && records.hasResult(job)
        ? (.done, "status 0") : (.failed, "status \(end.code); the runner ended before it")
    }
    return records.hasStarted(job)
      ? (.killed, "the runner was ended, and the job with it") : (.lost, "the runner ended before it could start")
  }
}
