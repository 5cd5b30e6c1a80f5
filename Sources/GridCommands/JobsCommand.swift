import Base
import Grids
import Language
import Session

/// Shows where jobs stand.
struct JobsCommand: Command {
  static let signature = Signature("jobs", in: "training", "Shows where the jobs of `submit` stand")
    .effect(.session(.reports))
    .argument("batch", .word("batch"), "The batch; without it, all batches", optional: true)
    .returns(.table(batches.signatures))
    .returns(jobs.signatures, when: .given("batch"))
    .searchTerms("slurm", "squeue", "sacct", "queue", "cluster", "status", "running", "failed", "state")
    .details(
      """
      With the engine slurm, the state is Slurm's: vcsh asks `squeue` and `sacct`. done: the job ended with status 0 and its \
      result is there. no result: it ended with status 0, and its result is missing. failed: it ended with another status. \
      killed: a signal ended it. cancelled, out of time, out of memory, node lost and preempted are Slurm's words; where Slurm \
      says only that a job failed, the end of its log says that it was killed for memory. Slurm forgets a job that is \
      cancelled before it starts; where `cancel` did it, vcsh still says cancelled. disk full: its log says that a disk \
      or a quota is full, or its own record could not be written. blocked: what it waits for has failed. unreachable: Slurm \
      has not answered within 8 seconds; `detail` then says what was known last, and when. lost: the engine does not know the job, and it left no record. `detail` has the engine's own words.
      """)

  static let examples: [Example] = []

  struct Row {
    var status: BatchStatus

    func count(_ states: JobState...) -> Int { status.jobs.count { states.contains($0.state) } }
  }

  static let batches = TableShape<Row>([
    .string("batch", "Name of the batch") { $0.status.batch.name },
    .string("engine", "local or slurm") { $0.status.batch.engine.rawValue },
    .int("jobs", "Jobs in all") { $0.status.jobs.count },
    .int("done", "Jobs that are done") { $0.count(.done) },
    .int("running", "Jobs that run") { $0.count(.running) },
    .int("waiting", "Jobs that wait") { $0.count(.waiting) },
    .int("failed", "Jobs that ended in any other way") { row in row.status.jobs.count { $0.state.isFailure } },
    .int("unreachable", "Jobs whose engine does not answer") { $0.count(.unreachable) },
  ])

  struct JobRow {
    var status: JobStatus
    var log: String
  }

  static let jobs = TableShape<JobRow>([
    .int("job", "Its number, from 1") { $0.status.job },
    .string("name", "Its name") { $0.status.name },
    .string("state", "What has become of it") { $0.status.state.rawValue },
    .string("detail", "The engine's own words") { $0.status.detail.isEmpty ? nil : $0.status.detail },
    .string("node", "Where it runs or ran") { $0.status.node },
    .string("time", "How long it ran") { $0.status.seconds.map { NumberText.duration(seconds: $0) } },
    .float("seconds", unit: "s", "The same as a number") { $0.status.seconds },
    .string("log", "The file with what it printed") { $0.log },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    guard let name = try call.optionalString("batch") else {
      let statuses = try BatchStatus.all(Batch.all(in: session.batchFolder))
      for trouble in Set(statuses.flatMap(\.troubles)).sorted() { session.note(trouble) }
      let rows = statuses.map(Row.init)
      return .table(Self.batches.table(rows, note: rows.isEmpty ? "`submit` hands jobs to an engine" : nil))
    }
    let status = try BatchStatus(session.batch(named: name, at: call.span(of: "batch")))
    for trouble in status.troubles { session.note("\(status.batch.name): \(trouble)") }
    let rows = status.jobs.map { JobRow(status: $0, log: status.batch.log($0.job)) }
    return .table(Self.jobs.table(rows, note: status.summary))
  }
}
