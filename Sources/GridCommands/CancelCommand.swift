import Base
import Grids
import Jobs
import Language
import Session

/// Ends jobs.
struct CancelCommand: Command {
  static let signature = Signature("cancel", in: "training", "Ends jobs that wait or run")
    .effect(.session(.manages))
    .takesAway()
    .argument("batch", .word("batch"), "The batch")
    .argument("jobs", .word("job"), "The jobs, by name or number; without any, all", optional: true, repeating: true)
    .returns(.table(columns.signatures))
    .searchTerms("scancel", "kill", "stop", "abort", "slurm")
    .details(
      "Jobs that have ended stay as they are. Results that a cancelled job has stored remain; `retry` starts it again, and a training then goes on from its last epoch."
    )

  static let columns = TableShape<JobStatus>([
    .int("job", "Its number, from 1") { $0.job },
    .string("name", "Its name") { $0.name },
    .string("was", "Its state when it was cancelled") { $0.state.rawValue },
  ])

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    let batch = try session.batch(named: call.string("batch"), at: call.span(of: "batch"))
    let given = call.isGiven("jobs") ? try batch.numbers(of: call.strings("jobs"), at: call.span(of: "jobs")) : nil
    let status = try BatchStatus(batch)
    for trouble in status.troubles { session.note("\(batch.name): \(trouble)") }
    let open = status.jobs.filter {
      ($0.state.isOpen || batch.isWaitingForEver($0)) && given?.contains($0.job) ?? true
    }
    guard !open.isEmpty else {
      throw Failure(
        .conflict, given == nil ? "all jobs of `\(batch.name)` have ended" : "these jobs have ended",
        hint: "`jobs \(batch.name)` shows how", span: call.span)
    }
    try BatchEngine(program: OwnProgram.path).cancel(batch, jobs: open.map(\.job))
    return .table(Self.columns.table(open, note: "\(open.count) of \(batch.jobs.count) jobs are asked to end"))
  }
}
