import Base
import Language
import Session
import Workspace

/// Shows what an object or a file was made from.
struct LineageCommand: Command {
  static let signature = Signature(
    "lineage", in: "time",
    "Shows what an object or a file was made from: entries, files, seeds, splits, metric versions"
  )
  .effect(.session(.reports))
  .argument("name", .object(kinds: []), "A name, the path of a file that a command wrote, or an entry's number")
  .flag("table", "Return a table instead of a tree")
  .returns(.any)
  .returns(LineageTree.columns.signatures, when: .given("table"))
  .searchTerms("provenance", "origin", "history", "where from", "hash", "seed", "figure")
  .details(
    """
    Each line shows an entry and what it made; the lines below it show what it read. Fingerprints are SHA-256, shortened. \
    lineage checks the files: it says which are missing or changed, and which names have another version now.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium as scores; lineage scores", "What a table was made from"),
    Example("lineage twin --table | select kind name state", "As a table"),
    Example("calibrate twin on sim/gaborium --split all; lineage 4", "What an entry's result was made from"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("name")
    var lineage = LineageTree(session: session)
    let path = session.workspace.stored(path: session.absolute(name))
    if let entry = Int64(name) {
      do {
        try lineage.add(entry: session.workspace.entry(entry))
      } catch let failure as Failure {
        throw failure.located(at: call.span(of: "name"))
      }
    } else if try session.workspace.lookup(name) == nil, let writer = try session.workspace.writer(of: path) {
      try lineage.add(writer.file, writtenBy: writer.entry)
    } else {
      let record = try session.lookup(name, at: call.span(of: "name"))
      try lineage.add(record.id, detail: nil, depth: 0)
    }
    if call.isSet("table") { return .table(lineage.table()) }
    let changes = lineage.changes
    return .report(
      Report(
        name,
        [
          .init("made from", .lines(lineage.lines())),
          .init("changed since", .lines(changes.isEmpty ? ["nothing"] : changes)),
        ]))
  }
}
