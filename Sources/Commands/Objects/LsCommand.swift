import Base
import Language
import Session
import Workspace

/// Lists what has a name in the workspace.
struct LsCommand: Command {
  static let signature = Signature("ls", in: "objects", "Lists the objects of the workspace")
    .argument(
      "kind", .choice(AllKinds.types.filter { $0.isNamed }.map { $0.kind.rawValue }), "Only this kind", optional: true
    )
    .returns(
      .table([
        ColumnSignature("name", "string", "Name of the object"),
        ColumnSignature("kind", "string", "twin, recording, predictions or table"),
        ColumnSignature("cells", "int", "Number of its cells"),
        ColumnSignature("detail", "string", "Sessions, stimuli, split and the like"),
      ])
    )
    .searchTerms("list", "objects", "names", "dir")

  static let examples = [
    Example("ls", "Everything that has a name"),
    Example("ls recording", "Recordings only"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let kind = try call.optionalString("kind").map(KindName.init)
    let items = try session.workspace.names(kinds: kind.map { [$0] })
    let objects = try items.map { try $0.version.object }
    return .table(
      Table([
        Column("name", items.map(\.name)),
        Column("kind", objects.map { $0.kind.rawValue }),
        Column("cells", objects.map { $0.cellCount }),
        Column("detail", objects.map { $0.line }),
      ]))
  }
}
