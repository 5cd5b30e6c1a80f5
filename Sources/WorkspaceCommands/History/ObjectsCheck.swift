import Base
import Language
import Session
import Workspace

/// `verify --objects`: every stored object against its digest.
enum ObjectsCheck {
  static let columns = TableShape<Workspace.ObjectFinding>([
    .string("object", "The first digits of its digest") { String($0.digest.prefix(12)) },
    .string("state", "missing, or damaged: it holds other bytes than were stored") { $0.state.rawValue },
    .string("needed_by", "What needs it") { needed($0.user) },
    .int("entry", "The entry that made it") { $0.entry.map { Int($0) } },
    .string("remedy", "How to have it again") { remedy($0) },
  ])

  static func run(_ call: Call, in session: Session) throws -> Value {
    let digests = try session.workspace.neededObjects()
    let progress = session.work.progress
    progress?.begin("objects", total: digests.count, unit: "objects")
    defer { progress?.end() }
    var findings: [Workspace.ObjectFinding] = []
    for (index, digest) in digests.enumerated() {
      try session.work.cancellation.check()
      findings += try session.workspace.findings(on: digest) ?? []
      progress?.advance(to: index + 1)
    }
    let bad = Set(findings.map(\.digest)).count
    if let first = findings.first {
      session.failedCheck = Failure(
        .assertion,
        "\(bad) of \(digests.count) objects \(bad == 1 ? "is" : "are") not as stored; the first, \(first.digest.prefix(12)), is \(first.state.rawValue) and is needed by \(needed(first.user))",
        hint: "restore \(session.workspace.objects.path(of: first.digest)) from a copy, or \(remedy(first))",
        span: call.span)
    }
    return .table(
      columns.table(
        findings,
        note: bad == 0
          ? "all \(digests.count) objects are as they were stored"
          : "\(bad) of \(digests.count) objects \(bad == 1 ? "is" : "are") not as stored"))
  }

  private static func needed(_ user: Workspace.ObjectFinding.User) -> String {
    switch user {
    case .version(let names, let kind):
      names.isEmpty ? "a \(kind) that has no name now" : names.map { "\(kind) `\($0)`" }.joined(separator: ", ")
    case .result: "the result of the entry"
    case .variable(let name): "variable `$\(name)`"
    case .cache(let twin, let stimulus): "the cache of \(twin) on \(stimulus)"
    }
  }

  private static func remedy(_ finding: Workspace.ObjectFinding) -> String {
    switch (finding.user, finding.entry) {
    case (.cache, _), (_, nil): "nothing to do: it is computed again when it is needed"
    case (.version(let names, _), let entry?) where !names.isEmpty: "run `rerun \(entry) --replace`"
    case (_, let entry?): "run `rerun \(entry)`"
    }
  }
}
