import Base
import Language
import Session
import Workspace

/// Lists what has a name in the workspace.
struct LsCommand: Command {
  static let signature = Signature("ls", in: "objects", "Lists the objects of the workspace")
    .argument("kind", .choice(["twin", "recording", "predictions", "table"]), "Only this kind", optional: true)
    .returns(
      .table([
        ColumnSignature("name", "string"), ColumnSignature("kind", "string"), ColumnSignature("cells", "int"),
        ColumnSignature("detail", "string"),
      ])
    )
    .searchTerms("list", "objects", "names", "dir")

  static let examples = [
    Example("ls", "Everything that has a name"),
    Example("ls recording", "Recordings only"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let kind = try call.optionalString("kind").flatMap(Payload.Kind.init)
    let items = try session.workspace.names(kinds: kind.map { [$0] })
    return .table(
      Table([
        Column("name", items.map(\.name)),
        Column("kind", items.map(\.version.kind.rawValue)),
        Column("cells", items.map { $0.version.payload.cellCount }),
        Column("detail", items.map { $0.version.payload.summary }),
      ]))
  }
}
