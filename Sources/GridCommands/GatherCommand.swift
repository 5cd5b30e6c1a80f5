import Base
import Foundation
import Language
import Session
import Workspace

/// Merges the results of jobs into this workspace.
struct GatherCommand: Command {
  static let signature = Signature("gather", in: "training", "Merges the workspaces of jobs into this one, by content")
    .effect(.changes)
    .argument("from", .word("batch|folder"), "A batch of jobs, or a folder with workspaces")
    .returns(.table(columns.signatures))
    .searchTerms("merge", "collect", "results", "cluster", "bring home", "workspaces", "import", "jobs", "combine")
    .details(
      """
      Entries, scores, twins, tables, predictions and written files come in with their lineage. What was gathered earlier is not \
      gathered again, so that you may gather while jobs still run, and again later. An object that is here already is not copied. If \
      a name is in use here for something else, the new object is called NAME-JOB, and `conflicts` says so. Content has one name: \
      where two jobs made the same, or where it is here already, the column `same` says by which name. Entries that still run are left for the next time. A damaged workspace is named at the end, after the others came in. `undo` takes the names away \
      again, and the next gather brings them back; a name that you drop stays away. If gather is ended in the middle, the workspace is whole, and the next gather goes on.
      """)

  static let columns = TableShape<MergeReport>([
    .string("job", "The job, or the folder of the workspace") { $0.from },
    .int("entries", "Entries that came in") { $0.entries },
    .int("known", "Entries that were here already: from an earlier gather, or lent to the job") { $0.knownEntries },
    .int("objects", "Versions of twins, tables and predictions that came in") { $0.versions },
    .int("scores", "Scores of cells that came in") { $0.scores },
    .int("files", "Written files that came in") { $0.files },
    .string("names", "Names that came in, as they are called here") { list($0.names) },
    .string("conflicts", "Names that stand for something else here, and what they are called now") {
      list($0.conflicts)
    },
    .string("same", "Names of content that is here already, and the name that it has where that is another one") {
      list($0.same)
    },
    .int("running", "Entries that still run there") { $0.running },
  ])

  private static func list(_ names: [String]) -> String? { names.isEmpty ? nil : names.joined(separator: " ") }

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    let given = try call.string("from")
    let found = try JobWorkspaces(given, call, in: session)
    guard !found.places.isEmpty else {
      throw Failure(
        .missing, "no workspace below \(given.shortened)",
        hint: found.hint ?? "jobs make theirs when they start", span: call.span(of: "from"))
    }
    let places = found.places
    do {
      session.work.progress?.begin("gather", total: places.count, unit: "workspaces")
      defer { session.work.progress?.end() }
      let reports = try session.workspace.gather(places, entry: session.entry, rewriting: session.renumbered) { done in
        session.work.progress?.advance(to: done)
        try session.work.cancellation.check()
      }
      return .table(Self.columns.table(reports, note: Self.note(reports)))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "from"))
    }
  }
}

extension GatherCommand {
  /// One line on all workspaces.
  private static func note(_ reports: [MergeReport]) -> String {
    func sum(_ count: (MergeReport) -> Int) -> Int { reports.reduce(0) { $0 + count($1) } }
    let (entries, names) = (sum(\.entries), sum(\.names.count))
    let head = "\(reports.count) \(reports.count == 1 ? "workspace" : "workspaces"): "
    guard entries == 0 else { return head + "\(entries) entries and \(sum(\.scores)) scores came in" }
    let known = sum(\.knownEntries)
    let running = sum(\.running)
    let left = running > 0 ? "; \(running) \(running == 1 ? "entry runs" : "entries run") still" : ""
    guard names == 0 else {
      return head + "\(names) \(names == 1 ? "name is" : "names are") back; all else was here already" + left
    }
    return head
      + (known == 0 ? "they hold no entries" : "nothing new: all \(known) entries were here already") + left
  }
}

extension Session {
  /// A twin whose record of its training names the versions and entries of this workspace.
  func renumbered(
    _ payload: any Payload, version: (Int64) -> Int64?, entry: (Int64) -> Int64?
  ) throws -> any Payload {
    guard var twin = payload as? TwinPayload, twin.training != nil else { return payload }
    var record = try trainingRecord(of: "the gathered twin", twin, at: nil)
    // No version has the number 0: `resume` then says that the start is gone.
    record.startVersion = version(record.startVersion) ?? 0
    record.entry = entry(record.entry) ?? 0
    twin.training = try keep(record)
    return twin
  }
}
