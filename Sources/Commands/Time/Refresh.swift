import Base
import Language
import Workspace

/// Runs again what is stale.
struct Refresh: Command {
  static let signature = Signature(
    "refresh", in: "time", "Runs again what is stale, each entry after those that it needs"
  )
  .argument("names", .object(kinds: []), "Only these and what they need; all that is stale if none is named",
    optional: true, repeating: true)
  .flag("dry-run", "Tell what would run, and run nothing")
  .returns(
    .table([
      ColumnSignature("entry", "int"), ColumnSignature("name", "string"), ColumnSignature("why", "string"),
      ColumnSignature("outcome", "string"), ColumnSignature("command", "string"),
    ])
  )
  .searchTerms("stale", "rerun", "recompute", "update", "make", "status")
  .details(
    """
    The entry that made a stale result runs again as a new entry, with --replace where its name is taken; so each can be \
    undone, and the versions before stay. It stops at the first entry that fails. Nothing is refreshed unless this is said.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium as scores; refresh --dry-run", "What would run"),
    Example("refresh", "All that is stale"),
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
      Table(
        [
          Column("entry", plan.map { Int($0.rerun.entry) }), Column("name", plan.map(\.rerun.name)),
          Column("why", plan.map { $0.rerun.reasons.joined(separator: "; ") }), Column("outcome", outcomes),
          Column("command", plan.map(\.command)),
        ], note: plan.isEmpty ? "nothing is stale (\(checked) looked at)" : nil))
  }

  /// Runs the steps. What needs one that can't run is passed over; a failure ends it.
  private func run(_ plan: [RefreshStep], in session: Session) throws -> ([String], Failure?) {
    var outcomes: [String] = []
    var skipped: Set<Int64> = []
    for (index, step) in plan.enumerated() {
      try session.work.cancellation.check()
      if let text = step.text, step.obstacle == nil, skipped.isDisjoint(with: step.rerun.needs) {
        let outcome = try session.again(text, origin: "refresh of \(step.rerun.entry) in \(session.entry)")
        switch outcome.result {
        case .success:
          outcomes.append("entry \(outcome.entry)")
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
}

/// One entry to be run again, with the text that does it, or what stands against it.
struct RefreshStep {
  let rerun: Staleness.Rerun
  private(set) var text: EntryText?
  private(set) var obstacle: String?
  let command: String

  init(_ rerun: Staleness.Rerun, in session: Session) throws {
    self.rerun = rerun
    let record = try session.workspace.entry(rerun.entry)
    if let missing = rerun.reasons.first(where: { $0.hasSuffix(" is missing") }) { obstacle = missing }
    do throws(Failure) {
      let text: EntryText
      do { text = try Self.text(of: record, rerun, in: session) } catch { throw Session.failure(error) }
      self.text = text
      command = text.text
    } catch {
      command = record.source
      if obstacle == nil { obstacle = error.message }
    }
  }

  private static func text(
    of record: EntryRecord, _ rerun: Staleness.Rerun, in session: Session
  ) throws -> EntryText {
    let plain = try EntryText(record)
    guard !plain.stages.isEmpty else {
      throw Failure(.usage, "entry \(record.id) is no single command: its lines have to be run again")
    }
    let made = try rerun.version.flatMap { version in
      try session.workspace.versions(madeBy: record.id).first { $0.version.id == version }?.label
    }
    let text = try plain.replacing(name: made, by: rerun.name)
    if let made, !made.isEmpty, made != rerun.name, text.text == (try plain.replacing().text) {
      throw Failure(.usage, "it was made under the name `\(made)`")
    }
    if let variable = record.source.firstMatch(of: /\$\{?([A-Za-z_][A-Za-z0-9_]*)/) {
      throw Failure(.usage, "it reads the variable $\(variable.1): run its lines again")
    }
    return text
  }
}
