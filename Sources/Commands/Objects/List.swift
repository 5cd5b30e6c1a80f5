import Base
import Language
import Workspace

/// Lists what has a name in the workspace.
struct List: Command {
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
        Column("cells", items.map { Self.cells($0.version.payload) }),
        Column("detail", items.map { Self.detail($0.version.payload) }),
      ]))
  }

  static func cells(_ payload: Payload) -> Int? {
    switch payload {
    case .twin(let twin):
      twin.heads.contains { $0.cids == nil } ? nil : twin.heads.reduce(0) { $0 + ($1.cids?.count ?? 0) }
    case .recording(let recording): recording.cids.count
    case .predictions(let predictions): predictions.cids.count
    case .calibration(let calibration): calibration.cells.count
    case .table: nil
    }
  }

  static func detail(_ payload: Payload) -> String {
    switch payload {
    case .twin(let twin):
      let frozen = twin.frozen.isEmpty ? "" : ", frozen: \(twin.frozen.joined(separator: " "))"
      return "\(twin.heads.count) heads\(twin.note.map { ", \($0)" } ?? "")\(frozen)"
    case .recording(let recording):
      return "\(recording.session): \(recording.stimuli.map(\.name).joined(separator: ", "))"
    case .predictions(let predictions):
      let place = predictions.stimulus.map { "\(predictions.session ?? "")/\($0) \(predictions.split ?? "")" }
      return "\(place ?? predictions.file?.path ?? ""), \(predictions.frames) frames"
    case .table(let table):
      return
        "\(table.rows) rows: \(table.columns.prefix(4).joined(separator: ", "))\(table.columns.count > 4 ? ", …" : "")"
    case .calibration(let calibration):
      return
        "\(calibration.mode) on \(calibration.session)/\(calibration.stimulus)\(calibration.inSample ? ", in-sample" : "")"
    }
  }
}
