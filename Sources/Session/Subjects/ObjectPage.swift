import Base
import Language
import Workspace

/// What a name of the workspace or a variable is, for help and for editors. Reads the catalogue, never arrays.
package struct ObjectPage {
  package typealias Answer = (name: String, kind: String, report: Report)

  private let session: Session

  package init(_ session: Session) { self.session = session }

  /// An object of the workspace, or a stimulus of a recording.
  package func object(_ word: String) -> Answer? {
    let parts = word.split(separator: "/", maxSplits: 1).map(String.init)
    guard let name = parts.first, let record = try? session.workspace.lookup(name),
      let object = try? record.object
    else { return nil }
    var fields = Record([("kind", .string(record.kind.rawValue)), ("detail", .string(object.line))])
    if let cells = object.cellCount { fields["cells"] = .int(cells) }
    if let source = try? session.workspace.entry(record.entry).source { fields["made by"] = .string(source) }
    fields["entry"] = .int(Int(record.entry))
    guard parts.count == 2 else {
      return (name, "object", Report("\(name): a \(record.kind.rawValue)", [.init("", .fields(fields))]))
    }
    guard let recording = object as? RecordingPayload, recording.stimuli.contains(where: { $0.name == parts[1] })
    else { return nil }
    return (word, "stimulus", Report("\(word): a stimulus of \(recording.session)", [.init("", .fields(fields))]))
  }

  /// A variable, with or without its `$`.
  package func variable(_ word: String) -> Answer? {
    let name = word.hasPrefix("$") ? String(word.dropFirst()) : word
    let value = name == "_" ? session.interpreter.lastResult : session.interpreter.variables[name]
    guard let value else { return nil }
    let title = "$\(name): \(value.typeName)"
    switch value {
    case .table(let table):
      return (
        "$\(name)", "variable",
        Report("\(title) of \(table.rowCount.counted("row"))", [.init("columns", Self.columns(table))])
      )
    default:
      let text = value.plainText
      let shown = text.count > 400 ? text.prefix(400) + "…" : text
      return ("$\(name)", "variable", Report(title, [.init("value", .lines([shown]))]))
    }
  }

  private static func columns(_ table: Table) -> Report.Body {
    .table(
      Table([
        Column("name", table.names), Column("type", table.columns.map(\.typeName)),
        Column("unit", table.columns.map(\.unit)),
      ]))
  }
}
