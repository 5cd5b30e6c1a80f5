import Base
import Language
import Session
import Workspace

/// Lists what has a name in the workspace.
struct LsCommand: Command {
  static let signature = Signature("ls", in: "objects", "Lists the objects of the workspace")
    .argument(
      "kind", .choice(AllKinds.types.filter { $0.isNamed }.map { $0.kind.rawValue } + ["variable", "definition"]),
      "Only this kind", optional: true
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
    let given = try call.optionalString("kind")
    if given == "variable" { return .table(variables(of: session)) }
    if given == "definition" { return .table(definitions(of: session)) }
    let kind = given.map(KindName.init)
    let items = try session.workspace.names(kinds: kind.map { [$0] })
    let objects = try items.map { try $0.version.object }
    return .table(
      Table(
        [
          Column("name", items.map(\.name)),
          Column("kind", objects.map { $0.kind.rawValue }),
          Column("cells", objects.map { $0.cellCount }),
          Column("detail", objects.map { $0.line }),
        ], note: try note(kind: kind, items.count, in: session)))
  }

  /// What else there is, and how an empty workspace gets its first object.
  private func note(kind: KindName?, _ count: Int, in session: Session) throws -> String? {
    guard kind == nil else { return nil }
    var notes: [String] = []
    if count == 0 {
      notes.append("nothing is open yet: `open PATH as NAME` reads a checkpoint, a recording or predictions")
    }
    guard session.keepsNames else { return notes.first }
    let names = session.variableNames.map { "$" + $0 } + session.interpreter.definitions.keys.sorted().map { $0 + "()" }
    if !names.isEmpty {
      notes.append("\(names.listed(first: 8, separator: " ")): see `ls variable`, `ls definition`")
    }
    return notes.isEmpty ? nil : notes.joined(separator: "; ")
  }

  private func variables(of session: Session) -> Table {
    session.recallAll()
    let all = session.interpreter.variables.sorted { $0.key < $1.key }
    return table(all.map(\.key), "variable", all.map { Self.line($0.value) })
  }

  private static func line(_ value: Value) -> String {
    switch value {
    case .table(let table): "table: \(table.rowCount.counted("row")), \(table.names.prefix(4).joined(separator: ", "))"
    case .report(let report): "report: \(report.title)"
    case .list(let elements): "list: \(elements.count) elements"
    default: "\(value.typeName): \(value.plainText.shortened)"
    }
  }

  private func definitions(of session: Session) -> Table {
    let all = session.interpreter.definitions.values.sorted { $0.name < $1.name }
    return table(all.map(\.name), "definition", all.map(\.signature.usage))
  }

  private func table(_ names: [String], _ kind: String, _ details: [String]) -> Table {
    Table([
      Column("name", names), Column("kind", names.map { _ in kind }), Column("cells", names.map { _ in Int?.none }),
      Column("detail", details),
    ])
  }
}
