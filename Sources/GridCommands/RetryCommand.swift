import Base
import Grids
import Jobs
import Language
import Session

/// Starts jobs again.
struct RetryCommand: Command {
  static let signature = Signature("retry", in: "training", "Starts jobs again that have failed")
    .effect(.session(.manages))
    .argument("batch", .word("batch"), "The batch")
    .argument("jobs", .word("job"), "The jobs, by name or number", optional: true, repeating: true)
    .flag("failed", "All jobs that have ended and are not done")
    .flag("jobs-at-once", .int, "How many run at once on the engine local; as before by default")
    .flag("mem", .word("size"), "Memory of each job under Slurm, in place of what it had: 64G")
    .flag("time", .word("time"), "Time of each job under Slurm, in place of what it had: 12:00:00")
    .returns(.table(columns.signatures))
    .searchTerms("again", "rerun", "resubmit", "requeue", "slurm", "resume", "goes on")
    .details(
      """
      A job starts in the workspace that it had. Results that it has stored there remain: a training of the same call goes on from its \
      last finished epoch. A job that is done is started again only where it is named. What a job waits for (`submit … --after`) \
      it waits for again: for the newest start of that job. Where that has failed, the job is not started.
      """)

  static let columns = TableShape<JobStatus>([
    .int("job", "Its number, from 1") { $0.job },
    .string("name", "Its name") { $0.name },
    .string("was", "Its state before") { $0.state.rawValue },
  ])

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    var batch = try session.batch(named: call.string("batch"), at: call.span(of: "batch"))
    let given = call.isGiven("jobs") ? try batch.numbers(of: call.strings("jobs"), at: call.span(of: "jobs")) : nil
    guard (given != nil) != call.isSet("failed") else {
      throw Failure(
        .usage, given == nil ? "retry needs jobs" : "--failed goes without names of jobs",
        hint: "`retry \(batch.name) --failed`, or name jobs", span: call.span)
    }
    let status = try BatchStatus(batch)
    if let trouble = status.troubles.first(where: { !$0.contains("accounts") }) {
      throw Failure(
        .system, "the state of these jobs is not known: \(trouble)", hint: "try again later", span: call.span)
    }
    let chosen = status.jobs.filter { given?.contains($0.job) ?? $0.state.isFailure }
    if let open = chosen.first(where: \.state.isOpen) {
      throw Failure(
        .conflict, "the job \(open.name) is \(open.state.rawValue)",
        hint: "`cancel \(batch.name) \(open.name)` ends it",
        span: call.span(of: "jobs"))
    }
    guard !chosen.isEmpty else {
      throw Failure(.conflict, "no job of `\(batch.name)` has failed", hint: "\(status.summary)", span: call.span)
    }
    var resources = batch.resources
    for flag in ["mem", "time"] where call.isGiven(flag) {
      guard batch.engine == .slurm else {
        throw Failure(
          .usage, "--\(flag) does nothing on the engine local", hint: "leave it out", span: call.span(of: flag))
      }
    }
    if let memory = try call.optionalString("mem") { resources?.memory = memory }
    if let time = try call.optionalString("time") { resources?.time = time }
    if let resources, resources != batch.resources {
      do { try resources.check() } catch let failure as Failure { throw failure.located(at: call.span) }
      batch.resources = resources
      try batch.writeScript()
    }
    if let slots = try call.optionalInt("jobs-at-once"), slots < 1 || batch.engine == .slurm {
      throw Failure(
        .usage, slots < 1 ? "--jobs-at-once must be at least 1" : "--jobs-at-once does nothing under Slurm",
        span: call.span(of: "jobs-at-once"))
    }
    let slots = try call.optionalInt("jobs-at-once") ?? batch.submissions.last?.slots
    let engine = BatchEngine(program: OwnProgram.path)
    let plan: StartPlan
    do {
      plan = try engine.plan(batch, jobs: chosen.map(\.job))
    } catch let failure as Failure {
      throw failure.located(at: call.span)
    }
    let toStart = Set(plan.jobs)
    let started = chosen.filter { toStart.contains($0.job) }
    let waiting = started.filter(batch.isWaitingForEver).map(\.job)
    if !waiting.isEmpty { try engine.cancel(batch, jobs: waiting) }
    try engine.start(&batch, plan, slots: slots)
    if let note = batch.remark(on: plan) { session.note(note) }
    return .table(
      Self.columns.table(started, note: "\(started.count) of \(batch.jobs.count) jobs are started again"))
  }
}
