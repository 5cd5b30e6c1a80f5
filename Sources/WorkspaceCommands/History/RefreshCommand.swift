import Base
import Language
import Session
import Workspace

/// Runs the entries of stale results again.
struct RefreshCommand: Command {
  static let signature = Signature(
    "refresh", in: "time", "Runs the entries of stale results again, each after those that it needs"
  )
  .effect(.session(.manages))
  .takesAway()
  .argument(
    "names", .object(kinds: []), "Refresh only these results and what they need; default everything that is stale",
    optional: true, repeating: true
  )
  .flag("dry-run", "Show what would run, and run nothing")
  .returns(.table(columns.signatures))
  .searchTerms("stale", "rerun", "recompute", "update", "make", "status")
  .details(
    """
    The entry that made a stale result runs again as a new entry, with --replace if its name is taken. So you can undo each \
    of them, and the earlier versions stay. Variables that the entry reads are computed again for it; your own variables do \
    not change. refresh stops at the first entry that fails.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium as scores; refresh --dry-run", "What would run"),
    Example("refresh", "Everything that is stale"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let files = FileCheck(workspace: session.workspace)
    let staleness = Staleness(workspace: session.workspace, problem: files.problem)
    var (items, checked) = try staleness.items()
    let names = call.strings("names")
    for name in names where !items.contains(where: { $0.name == name }) {
      let path = session.workspace.stored(path: session.absolute(name))
      guard !items.contains(where: { $0.name == path }) else { continue }
      if try session.workspace.writer(of: path) == nil { _ = try session.lookup(name, at: call.span(of: "names")) }
      session.note("`\(name)` is not stale")
    }
    if !names.isEmpty {
      let wanted = names + names.map { session.workspace.stored(path: session.absolute($0)) }
      items = items.filter { wanted.contains($0.name) }
    }
    let plan = try staleness.reruns(for: items).map { try RefreshStep($0, in: session) }
    var outcomes: [String] = plan.map { $0.obstacle.map { "can't: \($0)" } ?? "would run" }
    var failure: Failure?
    if !call.isSet("dry-run") {
      (outcomes, failure) = try run(plan, in: session)
    }
    if failure == nil, let index = plan.firstIndex(where: { $0.obstacle != nil }) {
      failure = Failure(
        .conflict, "`\(plan[index].rerun.name)` can't be refreshed: \(plan[index].obstacle ?? "")",
        hint: "run it again by hand", span: call.span)
    }
    if !call.isSet("dry-run") { session.failedCheck = failure?.located(at: call.span) }
    return .table(
      Self.columns.table(
        zip(plan, outcomes).map { Row(step: $0, outcome: $1) },
        note: plan.isEmpty ? "nothing is out of date (\(checked) checked)" : nil))
  }

  struct Row {
    var step: RefreshStep
    var outcome: String
  }

  static let columns = TableShape<Row>([
    .int("entry", "Entry that made the result") { Int($0.step.rerun.entry) },
    .string("name", "Name of the result, or path of the file") { $0.step.rerun.name },
    .string("why", "Which of its inputs changed") { $0.step.rerun.reasons.joined(separator: "; ") },
    .string("outcome", "Number of the new entry, or why it did not run") { $0.outcome },
    .string("command", "Text that runs") { $0.step.command },
  ])

  /// Runs the steps. A step is skipped if it needs one that can't run; a failure ends the run.
  private func run(_ plan: [RefreshStep], in session: Session) throws -> ([String], Failure?) {
    var outcomes: [String] = []
    var skipped: Set<Int64> = []
    for (index, step) in plan.enumerated() {
      try session.work.cancellation.check()
      if let text = step.text, step.obstacle == nil, skipped.isDisjoint(with: step.rerun.needs) {
        switch try run(step.prelude + [text], in: session) {
        case .success(let entry):
          outcomes.append("entry \(entry)")
        case .failure(var failure):
          if failure.kind == .interrupted { throw failure }
          outcomes.append("failed: \(failure.message)")
          outcomes += plan[(index + 1)...].map { _ in "not run" }
          failure.span = nil
          return (outcomes, failure)
        }
      } else {
        skipped.insert(step.rerun.entry)
        outcomes.append(step.obstacle.map { "can't: \($0)" } ?? "not run: it needs one that can't")
      }
    }
    return (outcomes, nil)
  }

  /// Runs texts one after the other; the entry of the last, or the first failure.
  private func run(_ texts: [EntryText], in session: Session) throws -> Result<Int64, Failure> {
    // What is made again for a step is not what the user's variables hold.
    let variables = session.interpreter.variables
    defer { session.interpreter.variables = variables }
    var last: Int64 = 0
    for text in texts {
      let outcome = try session.again(text, origin: "refresh of \(text.record.id) in \(session.entry)")
      if case .failure(let failure) = outcome.result { return .failure(failure) }
      last = outcome.entry
    }
    return .success(last)
  }
}
